/** What lies on the stack, as far as the writer knows. */
type Kind = "list" | "dict" | "set" | "tuple" | "class" | "object" | "key" | "other";

/** Instructions that push a value. */
const values: readonly (readonly [code: string, kind: Kind])[] = [
	["N", "other"],
	["\x88", "key"],
	["K\x01", "key"],
	["K\x02", "key"],
	["I01\n", "key"],
	["L-5L\n", "key"],
	["G?\xf0\0\0\0\0\0\0", "key"],
	["F0.5\n", "key"],
	["\x8c\x01a", "key"],
	["X\x02\0\0\0\xc3\xa9", "key"],
	["U\x01z", "key"],
	["S'q'\n", "key"],
	["Vu\n", "key"],
	["C\x01x", "key"],
	["]", "list"],
	["}", "dict"],
	["\x8f", "set"],
	[")", "tuple"],
	["Pid\n", "other"],
	["cbuiltins\nset\n", "class"],
	["cbuiltins\nlist\n", "class"],
	["cbuiltins\ntuple\n", "class"],
	["cbuiltins\ndict\n", "class"],
	["cbuiltins\nfrozenset\n", "class"],
	["cbuiltins\nslice\n", "class"],
	["cfoo\nBar\n", "class"],
	["cfoo\nBar\n)R", "object"],
	["cfoo\nBar\n)\x81", "object"],
	["ccollections\nOrderedDict\n)R", "dict"],
	["ccopyreg\n_reconstructor\ncfoo\nBar\ncbuiltins\nobject\nN\x87R", "object"],
];

/** Instructions for anything. */
const others = "012(abdelostuQ\x81\x85\x86\x87\x90\x91\x92\x93\x94\x98".split("");
const protocols = ["", "\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"];

/** Writes pickles of random instructions, of which most make sense where they stand. The same seed gives the same ones. */
export class RandomPrograms {
	#state: number;
	#text = "";
	#stack: Kind[] = [];
	#memoized = 0;

	constructor(seed: number) {
		this.#state = seed;
	}

	next(): Uint8Array {
		this.#text = this.#pick(protocols);
		this.#stack = [];
		this.#memoized = 0;
		this.#push();
		for (let steps = 2 + this.#random(30); steps > 0; steps--) this.#step();
		return new Uint8Array(Buffer.from(`${this.#text}.`, "latin1"));
	}

	#random(below: number): number {
		this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((this.#state / 2 ** 32) * below);
	}

	#pick<T>(choices: readonly T[]): T {
		return choices[this.#random(choices.length)] as T;
	}

	#step(): void {
		const steps = [this.#push, this.#push, this.#fill, this.#fill, this.#collect, this.#call, this.#build, this.#drop];
		if (this.#random(25) === 0) this.#text += this.#pick(others);
		else this.#pick(steps).call(this);
	}

	#push(): void {
		if (this.#memoized > 0 && this.#random(5) === 0) {
			const place = this.#random(this.#memoized);
			this.#text += this.#pick([
				`h${String.fromCharCode(place)}`,
				`g${place}\n`,
				`j${String.fromCharCode(place)}\0\0\0`,
			]);
			this.#stack.push("other");
		} else {
			const [code, kind] = this.#pick(values);
			this.#text += code;
			this.#stack.push(kind);
			if (this.#random(3) === 0) this.#memoize();
		}
	}

	#memoize(): void {
		const place = this.#memoized++;
		this.#text += this.#pick(["\x94", `q${String.fromCharCode(place)}`, `p${place}\n`]);
	}

	/** Several values after a mark, and what becomes of them. */
	#marked(count: number, end: string): void {
		this.#text += "(";
		for (let i = 0; i < count; i++) this.#push();
		this.#stack.length -= count;
		this.#text += end;
	}

	#fill(): void {
		const top = this.#stack.at(-1);
		const count = this.#random(4);
		if (top === "dict") this.#marked(2 * count, "u");
		else if (top === "set") this.#marked(count, "\x90");
		else if (top === "list" || top === "object") this.#marked(count, "e");
		else this.#push();
	}

	#collect(): void {
		const ends = [
			["t", "tuple"],
			["l", "list"],
			["\x91", "key"],
			["ifoo\nBaz\n", "object"],
		] as const;
		const [end, kind] = this.#pick(ends);
		this.#marked(this.#random(4), end);
		this.#stack.push(kind);
	}

	#call(): void {
		if (this.#stack.at(-1) === "class") {
			this.#marked(this.#random(2), "t");
			this.#text += this.#pick(["R", "R", "\x81"]);
			this.#stack[this.#stack.length - 1] = "object";
		} else this.#collect();
	}

	#build(): void {
		const isObject = this.#stack.at(-1) === "object";
		this.#push();
		if (!isObject) return;
		this.#stack.pop();
		this.#text += "b";
	}

	#drop(): void {
		if (this.#stack.length < 2) this.#push();
		this.#stack.pop();
		this.#text += "0";
	}
}
