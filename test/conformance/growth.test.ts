import { describe, expect, it, vi } from "vitest";
import { resolveDecodeOptions } from "../../src/codec/options.ts";
import { decode, decodeFirst, decodeStream, isPickleError, standardReducers } from "../../src/index.ts";
import { Unpickler } from "../../src/opcodes/unpickler.ts";

/** Twice the input may cost so much more; buffers that double take their steps. Four times would be quadratic. */
const LINEAR = 2.5;

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

function uint32(value: number): string {
	return String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
}

/** Pickles of about n bytes. */
const inputs: readonly (readonly [name: string, make: (n: number) => Uint8Array])[] = [
	["a line of text", (n) => latin1(`S'${"x".repeat(n)}'\n.`)],
	["a line of text with escapes", (n) => latin1(`V${"\\u0041".repeat(n / 6)}\n.`)],
	["two lines", (n) => latin1(`c${"m".repeat(n / 2)}\n${"n".repeat(n / 2)}\n.`)],
	["a persistent id", (n) => latin1(`P${"x".repeat(n)}\n.`)],
	["a payload", (n) => latin1(`X${uint32(n)}${"x".repeat(n)}.`)],
	["a payload in a frame", (n) => latin1(`\x80\x04\x95${uint32(n + 6)}${uint32(0)}X${uint32(n)}${"x".repeat(n)}.`)],
	["many short instructions", (n) => latin1(`(${"K\x01".repeat(n / 2)}l.`)],
	["many short lines", (n) => latin1(`(${"I7\n".repeat(n / 3)}l.`)],
];

/** Bytes that count how often they are read. */
function counted(bytes: Uint8Array, count: (reads: number) => void): Uint8Array {
	return new Proxy(bytes, {
		get(target, key) {
			const found = Reflect.get(target, key, target) as unknown;
			if (typeof key === "string" && /^\d+$/.test(key)) count(1);
			if (key === "indexOf") return (byte: number, from: number) => countedIndexOf(target, byte, from, count);
			return typeof found === "function" ? found.bind(target) : found;
		},
	});
}

function countedIndexOf(bytes: Uint8Array, byte: number, from: number, count: (reads: number) => void): number {
	const found = bytes.indexOf(byte, from);
	count((found < 0 ? bytes.length : found) - from);
	return found;
}

/** How many bytes the machine reads of a pickle that comes byte by byte. */
function machineReads(pickle: Uint8Array): number {
	let reads = 0;
	const machine = new Unpickler(resolveDecodeOptions({}, standardReducers));
	machine.start(new Uint8Array(0));
	machine.total = Number.POSITIVE_INFINITY;
	let start = 0;
	for (let end = 1; end <= pickle.length; end++) {
		if (end - start < machine.need) continue;
		const window = counted(pickle.subarray(start, end), (more) => (reads += more));
		machine.setWindow(window, start, end === pickle.length);
		if (machine.run()) return reads;
		start += machine.pos;
	}
	throw new Error("the pickle has no STOP");
}

/** How many bytes are copied from one array to another while a pickle is decoded from chunks of one byte. */
async function copiedBytes(pickle: Uint8Array): Promise<number> {
	let copied = 0;
	const prototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
	const { set } = prototype;
	const spy = vi.spyOn(prototype, "set").mockImplementation(function (this: Uint8Array, source, at) {
		copied += source.length;
		set.call(this, source, at);
	});
	try {
		for await (const value of decodeStream(Array.from(pickle, (byte) => Uint8Array.of(byte))))
			expect(value).toBeDefined();
	} finally {
		spy.mockRestore();
	}
	return copied;
}

describe("a stream that comes byte by byte", () => {
	it.each(inputs)("has its bytes read a bounded number of times: %s", (_, make) => {
		const [once, twice] = [machineReads(make(6000)), machineReads(make(12_000))];
		expect(twice / once).toBeLessThan(LINEAR);
		expect(once).toBeLessThan(5 * 6000);
	});

	it.each(inputs)("has its bytes copied a bounded number of times: %s", async (_, make) => {
		// What the first bytes of a file say of its format costs the same in all.
		const head = await copiedBytes(make(600));
		const [once, twice] = [await copiedBytes(make(10_000)), await copiedBytes(make(20_000))];
		expect((twice - head) / (once - head)).toBeLessThan(LINEAR);
		expect(once).toBeLessThan(60 * 10_000);
	});
});

/** The work that a pickle is charged for: the least `maxWork` with which it decodes. */
function work(pickle: Uint8Array): number {
	let [refused, taken] = [-1, 2 ** 40];
	while (taken - refused > 1) {
		const maxWork = Math.floor((refused + taken) / 2);
		if (decodes(pickle, maxWork)) taken = maxWork;
		else refused = maxWork;
	}
	return taken;
}

function decodes(pickle: Uint8Array, maxWork: number): boolean {
	try {
		decodeFirst(pickle, { limits: { maxWork } });
		return true;
	} catch (error) {
		if (isPickleError(error, "E_LIMIT")) return false;
		throw error;
	}
}

const doubled = (n: number) => `)${"2\x86".repeat(n)}`;
const nested = (n: number) => `${"(".repeat(n)}${"\x91".repeat(n)}`;
const numbered = (n: number, each: (i: number) => string) => Array.from({ length: n }, (_, i) => each(i)).join("");
const int = (i: number) => `J${uint32(i)}`;

/** Pickles whose keys n times over are hashed and compared. */
const keys: readonly (readonly [name: string, make: (n: number) => string])[] = [
	["a key of 2^n paths", (n) => `}${doubled(n)}Ns.`],
	["a set of two equal ones of 2^n paths", (n) => `\x8f(${doubled(n)}${doubled(n)}\x90.`],
	["frozensets in each other", (n) => `\x8f(${nested(n)}\x90.`],
	["a set of two equal frozensets in each other", (n) => `\x8f(${nested(n)}${nested(n)}\x90.`],
	["many tuples", (n) => `}(${numbered(n, (i) => `${int(i)}N\x86N`)}u.`],
	["many equal tuples", (n) => `}(${numbered(n, () => "K\x01\x85N")}u.`],
	["many frozensets of tuples", (n) => `\x8f(${numbered(n, (i) => `(${int(i)}\x85\x91`)}\x90.`],
	["one key set many times", (n) => `}K\x01\x85q\x000${numbered(n, () => "h\x00Ns")}.`],
];

describe("the work of hashing and comparing", () => {
	it.each(keys)("grows with the input: %s", (_, make) => {
		const [once, twice] = [work(latin1(`\x80\x04${make(300)}`)), work(latin1(`\x80\x04${make(600)}`))];
		expect(once).toBeGreaterThan(0);
		expect(twice / once).toBeLessThan(LINEAR);
	});

	it("is charged for what the input has not paid: a range as a list, a long text in many keys", () => {
		const range = latin1("\x80\x02cbuiltins\nlist\ncbuiltins\nrange\nJ\xff\xff\xff\x7f\x85R\x85R.");
		expect(() => decode(range)).toThrow(expect.objectContaining({ code: "E_LIMIT", limit: "maxWork" }));
		const text = `X${uint32(60_000)}${"x".repeat(60_000)}q\x00`;
		const many = latin1(`\x80\x02}(${text}N${numbered(30_000, (i) => `${int(i)}h\x00\x86N`)}u.`);
		expect(() => decode(many)).toThrow(expect.objectContaining({ code: "E_LIMIT", limit: "maxWork" }));
	});
});
