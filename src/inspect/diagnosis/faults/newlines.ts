import type { Fault } from "../diagnosis.ts";
import type { Interpreter } from "../interpreter.ts";
import { interpretBytes } from "../window.ts";
import type { Evidence } from "./evidence.ts";

/** Payloads that may have lost line ends, and bytes of one. */
const MAX_PAYLOADS = 64;
const MAX_LOST = 256;
/** Bytes that all tries may interpret, how many tries there may be, and how many wait for one. */
const MAX_WORK = 1 << 26;
const MAX_TRIES = 2000;
const MAX_WAITING = 20_000;

/**
 * CR LF that became LF: payloads are shorter than they say. It is confirmed where each of them lost at most as many bytes as
 * it has LFs, nowhere in the file is a CR before an LF, and with those lengths the file is a pickle to its end.
 */
export function newlinesFault({ bytes, isHead }: Evidence): Fault | undefined {
	if (isHead || bytes.indexOf(10) < 0 || hasReturns(bytes)) return undefined;
	const found = new Search(bytes).run();
	return found && describe(bytes, found);
}

function hasReturns(bytes: Uint8Array): boolean {
	for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) if (bytes[at + 1] === 10) return true;
	return false;
}

/** Payloads that are taken for shorter than they say. */
interface Guess {
	readonly lengths: ReadonlyMap<number, number>;
	readonly lost: number;
	/** How far the pickle reads from which this guess was made. */
	readonly progress: number;
}

/** Searches for the payloads that were shortened: what reads farthest is tried on first. */
class Search {
	readonly #bytes: Uint8Array;
	readonly #seen = new Set<string>();
	readonly #waiting: Guess[] = [{ lengths: new Map(), lost: 0, progress: 0 }];

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	run(): Guess | undefined {
		const bytes = this.#bytes;
		let work = 0;
		for (let tries = 0; tries < MAX_TRIES && work < MAX_WORK; tries++, work += bytes.length) {
			const guess = this.#waiting.pop();
			if (guess === undefined) return undefined;
			const machine = interpretBytes(bytes, 0, { lengths: guess.lengths });
			if (isWhole(machine, guess.lost)) return guess.lost > 0 ? guess : undefined;
			const progress = machine.failure === undefined ? bytes.length : machine.failure.offset;
			if (progress >= guess.progress && guess.lengths.size < MAX_PAYLOADS) this.#extend(guess, machine, progress);
		}
		return undefined;
	}

	/** Puts in wait what makes one more payload shorter. */
	#extend({ lengths, lost }: Guess, machine: Interpreter, progress: number): void {
		const follows = followerOf(machine);
		const inside = machine.failure?.payload;
		const { latest } = machine.findings;
		const payloads = inside
			? [...latest, { at: machine.failure?.offset ?? 0, start: inside.offset, length: inside.length }]
			: latest;
		const guesses: Guess[] = [];
		for (const { at, start, length } of payloads) {
			if (lengths.has(at)) continue;
			const most = Math.min(countFeeds(this.#bytes, start, start + length), length, MAX_LOST);
			for (let gone = 1; gone <= most; gone++) {
				if (!follows(this.#bytes, start + length - gone)) continue;
				const next = new Map([...lengths, [at, length - gone]]);
				const key = [...next].sort(([left], [right]) => left - right).join();
				if (this.#seen.has(key)) continue;
				this.#seen.add(key);
				guesses.push({ lengths: next, lost: lost + gone, progress });
			}
		}
		this.#waiting.push(...guesses.slice(-MAX_WAITING));
		this.#waiting.sort((left, right) => left.progress - right.progress);
		if (this.#waiting.length > MAX_WAITING) this.#waiting.splice(0, this.#waiting.length - MAX_WAITING);
	}
}

/** The file is a pickle to its end, and its frame as long as it was before bytes were lost. */
function isWhole({ failure, findings, pos, size }: Interpreter, lost: number): boolean {
	const { anomalies, frameEnd, problems } = findings;
	const isFramed = frameEnd === undefined || frameEnd === size + lost;
	const others = anomalies.size - (anomalies.has("frame") && lost > 0 ? 1 : 0);
	return failure === undefined && pos === size && problems.length === 0 && others === 0 && isFramed;
}

/** Tells whether what follows a payload may lie at an offset, by what the same writer puts there. */
function followerOf({ findings }: Interpreter): (bytes: Uint8Array, at: number) => boolean {
	if (findings.memoized > 2) return (bytes, at) => bytes[at] === 0x94;
	if (findings.firstPut === 0) return (bytes, at) => bytes[at] === 0x71 || bytes[at] === 0x72;
	return (bytes, at) => at < bytes.length && mayFollow[bytes[at] as number] === 1;
}

/** Opcodes that may follow a payload: those that store it, use it or begin the next value. */
const mayFollow = new Uint8Array(256);
for (const char of "().0B2CFGIJKLMNPQRSTUVX]abcdegh}lopqrstu") mayFollow[char.charCodeAt(0)] = 1;
for (let code = 0x80; code <= 0x98; code++) mayFollow[code] = 1;

function countFeeds(bytes: Uint8Array, from: number, to: number): number {
	let count = 0;
	for (let at = bytes.indexOf(10, from); at >= 0 && at < to; at = bytes.indexOf(10, at + 1)) count++;
	return count;
}

function describe(bytes: Uint8Array, { lengths, lost }: Guess): Fault {
	const isLone = bytes.indexOf(13) < 0;
	const { size } = lengths;
	return {
		code: "newlines-lost",
		offset: Math.min(...lengths.keys()),
		title: `Each CR LF has become LF: the file was read or copied in text mode, and ${lost} byte${lost === 1 ? "" : "s"} are gone.`,
		evidence: `${size} payload${size === 1 ? " is" : "s are"} shorter than declared by ${lost} byte${lost === 1 ? "" : "s"} in all and hold LFs, no CR LF is left${isLone ? ", nor any CR" : ""}; with the true lengths the file is a pickle to its end.`,
		data: "partly",
		advice: "Which LFs had a CR cannot be told from the file. Get the original again, and copy it as binary.",
		missing: { bytes: lost, reading: "payloads" },
	};
}
