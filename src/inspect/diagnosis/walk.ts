import { Findings } from "./findings.ts";
import type { Interpreter, InterpreterOptions } from "./interpreter.ts";
import type { Reader } from "./window.ts";
import { interpret, interpretBytes } from "./window.ts";

/** All pickles of a file, one after another. */
export interface Walk {
	/** The first one, and that at which it ended. */
	readonly first: Interpreter;
	readonly last: Interpreter;
	/** How many came to STOP. */
	readonly pickles: number;
	/** Of all of them. */
	readonly findings: Findings;
	/** Where the last whole one ends. */
	readonly end: number;
	/** Whether a later one refers to the memo of those before. */
	readonly sharedMemo: boolean;
	/** What follows the last whole pickle has failed so, if anything follows. */
	readonly rest: Interpreter | undefined;
}

type Step = (start: number, options: InterpreterOptions) => Interpreter | Promise<Interpreter>;

/** Bytes between pickles that are no pickle, as editors leave them. */
function isTrailing(next: Interpreter): boolean {
	return next.failure !== undefined;
}

/** Pickles whose findings are kept apart until they have come to STOP. */
const APART = 64;

class Walker {
	readonly findings: Findings = new Findings();
	pickles = 0;
	sharedMemo = false;
	end = 0;

	/** Where the next pickle's findings go: those of many small ones go together at once. */
	get common(): InterpreterOptions {
		return this.pickles < APART ? {} : { findings: this.findings };
	}

	/** Takes in a pickle. Returns whether another may follow. */
	take(machine: Interpreter): boolean {
		if (machine.findings !== this.findings) this.findings.merge(machine.findings);
		if (machine.failure !== undefined) return false;
		this.pickles++;
		this.end = machine.pos;
		return machine.pos < machine.size;
	}
}

/** Interprets pickle after pickle of a source. */
export async function walk(reader: Reader, start = 0, options: InterpreterOptions = {}): Promise<Walk> {
	const step: Step = (at, more) => interpret(reader, at, { ...options, ...more });
	const walker = new Walker();
	const first = await step(start, {});
	let last = first;
	let more = walker.take(first);
	while (more) {
		let next = await step(last.pos, walker.common);
		if (next.failure?.kind === "memo") {
			const again = await step(last.pos, { memo: last.memo });
			if (again.failure === undefined) {
				next = again;
				walker.sharedMemo = true;
			}
		}
		if (isTrailing(next)) return { ...walkOf(walker, first, last), rest: next };
		more = walker.take(next);
		last = next;
	}
	return walkOf(walker, first, last);
}

function walkOf(walker: Walker, first: Interpreter, last: Interpreter): Walk {
	const { findings, pickles, end, sharedMemo } = walker;
	return { first, last, pickles, findings, end, sharedMemo, rest: undefined };
}

/** How well bytes at hand read as pickles. */
export interface Trial {
	/** Whether they do to their end, with nothing in them that no CPython writes. */
	readonly clean: boolean;
	/** The bytes do so as far as they go, but end too early. */
	readonly cut: boolean;
	readonly first: Interpreter;
}

/** Pickles that a trial reads: what follows many of them is as good as they. */
const TRIED = 8;

/**
 * Tries whether bytes are pickles. If they are only the head of a file, that they end too early says nothing.
 */
export function tryBytes(bytes: Uint8Array, isHead = false, start = 0, options: InterpreterOptions = {}): Trial {
	const first = interpretBytes(bytes, start, options);
	const cut = first.failure?.kind === "end";
	let machine = first;
	for (let tried = 0; machine.failure === undefined; tried++) {
		if (isOdd(machine)) return { clean: false, cut: false, first };
		if (tried === TRIED || isBlank(bytes, machine.pos)) return { clean: true, cut: false, first };
		const memo = machine.memo;
		const at = machine.pos;
		machine = interpretBytes(bytes, at, options);
		if (machine.failure?.kind === "memo") machine = interpretBytes(bytes, at, { ...options, memo });
	}
	const clean = isHead && machine.failure.kind === "end" && machine.findings.instructions > 4 && !isOdd(machine);
	return { clean, cut: cut && !isOdd(first), first };
}

/** Whether a pickle begins there with PROTO, of a protocol that has it. */
export function isProto(bytes: Uint8Array, at: number): boolean {
	return bytes[at] === 0x80 && (bytes[at + 1] as number) >= 2 && (bytes[at + 1] as number) <= 5;
}

/** Whether nothing but line ends and spaces follow, a few of them, as editors leave them. */
export function isBlank(bytes: Uint8Array, from: number): boolean {
	if (bytes.length - from > 16) return false;
	return bytes.subarray(from).every(isBlankByte);
}

/** Whether it is tab, LF, CR or space. */
export function isBlankByte(byte: number): boolean {
	return byte === 9 || byte === 10 || byte === 13 || byte === 32;
}

/** Whether a pickle that parses holds what no CPython writes. */
export function isOdd({ findings }: Interpreter): boolean {
	const frames = findings.anomalies.has("frame") && findings.joblibArrays === 0 ? 1 : 0;
	const others = [...findings.anomalies.keys()].filter((kind) => kind !== "frame").length;
	return frames + others + findings.problems.length > 0;
}
