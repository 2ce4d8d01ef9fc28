import { PickleError } from "../errors.ts";

/** A Python tuple, apart from a list. */
export class LiteralTuple {
	readonly items: readonly Literal[];

	constructor(items: readonly Literal[]) {
		this.items = items;
	}
}

/** What a Python literal of text, ints, booleans, None, tuples, lists and dicts is. */
export type Literal =
	| string
	| number
	| bigint
	| boolean
	| null
	| LiteralTuple
	| readonly Literal[]
	| Map<string, Literal>;

/** How deep brackets may lie in each other: numpy's dtypes never come near it. */
const MAX_DEPTH = 200;

/**
 * Reads a Python literal. Nothing is evaluated: what is not text in quotes, an int, True, False, None or brackets of these is refused.
 * @throws PickleError E_CONTAINER with the place in the text
 */
export function parseLiteral(text: string): Literal {
	const parser = new Parser(text);
	const value = parser.value(0);
	parser.end();
	return value;
}

const escapes: Partial<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"' };
const words: ReadonlyMap<string, Literal> = /* @__PURE__ */ new Map<string, Literal>([
	["True", true],
	["False", false],
	["None", null],
]);

class Parser {
	readonly #text: string;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
	}

	value(depth: number): Literal {
		if (depth > MAX_DEPTH) throw this.#error(`brackets more than ${MAX_DEPTH} deep`);
		this.#space();
		const char = this.#text[this.#at] ?? "";
		if (char === "{") return this.#dict(depth);
		if (char === "[") return this.#items("]", depth).items;
		if (char === "(") return this.#parenthesis(depth);
		const [string] = this.#match(/[uUbB]?(?=['"])/y) ?? [];
		if (string !== undefined) return this.#string();
		const [digits] = this.#match(/-?\d{1,20}/y) ?? [];
		if (digits !== undefined) {
			this.#match(/[lL]/y);
			const number = Number(digits);
			return Number.isSafeInteger(number) ? number : BigInt(digits);
		}
		const [word = ""] = this.#match(/[A-Za-z]{1,5}\b/y) ?? [];
		const value = words.get(word);
		if (value === undefined) throw this.#error("no literal that numpy writes");
		return value;
	}

	end(): void {
		this.#space();
		if (this.#at < this.#text.length) throw this.#error("more text than one literal");
	}

	#dict(depth: number): Map<string, Literal> {
		const dict = new Map<string, Literal>();
		this.#at++;
		while (!this.#takes("}")) {
			const key = this.value(depth + 1);
			if (typeof key !== "string" || dict.has(key)) throw this.#error("a key that is no text or comes twice");
			if (!this.#takes(":")) throw this.#error("a key without a colon");
			dict.set(key, this.value(depth + 1));
			if (!this.#takes(",") && this.#peek() !== "}") throw this.#error("entries without a comma between them");
		}
		return dict;
	}

	#parenthesis(depth: number): Literal {
		const { items, commas } = this.#items(")", depth);
		return items.length === 1 && commas === 0 ? (items[0] as Literal) : new LiteralTuple(items);
	}

	#items(close: string, depth: number): { items: Literal[]; commas: number } {
		const items: Literal[] = [];
		let commas = 0;
		this.#at++;
		while (!this.#takes(close)) {
			items.push(this.value(depth + 1));
			if (this.#takes(",")) commas++;
			else if (this.#peek() !== close) throw this.#error("items without a comma between them");
		}
		return { items, commas };
	}

	#string(): string {
		const quote = this.#text[this.#at++] as string;
		let text = "";
		for (;;) {
			const char = this.#text[this.#at++];
			if (char === undefined || char === "\n") throw this.#error("text without its closing quote");
			if (char === quote) return text;
			text += char === "\\" ? this.#escape() : char;
		}
	}

	#escape(): string {
		const letter = this.#text[this.#at++] ?? "";
		const digits = { x: 2, u: 4, U: 8 }[letter];
		const simple = escapes[letter];
		if (digits === undefined && simple === undefined) throw this.#error("a backslash that escapes nothing");
		if (digits === undefined) return simple as string;
		const hex = this.#text.slice(this.#at, this.#at + digits);
		const code = /^[\da-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : Number.NaN;
		if (!(code <= 0x10ffff)) throw this.#error("an escape of no character");
		this.#at += digits;
		return String.fromCodePoint(code);
	}

	#space(): void {
		this.#match(/[ \t\n\r\f]*/y);
	}

	#peek(): string | undefined {
		this.#space();
		return this.#text[this.#at];
	}

	#takes(char: string): boolean {
		if (this.#peek() !== char) return false;
		this.#at++;
		return true;
	}

	#match(pattern: RegExp): RegExpExecArray | null {
		pattern.lastIndex = this.#at;
		const match = pattern.exec(this.#text);
		if (match !== null) this.#at = pattern.lastIndex;
		return match;
	}

	#error(found: string): PickleError {
		return new PickleError("E_CONTAINER", `the header has ${found} at its character ${this.#at}`);
	}
}
