import { describe, expect, test } from "vitest";
import * as core from "../../src/core.ts";
import {
	decode,
	decodeAll,
	decodeFirst,
	decodeStream,
	PyObject,
	PySet,
	readPickle,
	unpickler,
} from "../../src/index.ts";
import * as op from "../../src/opcodes/table.ts";
import { assemble } from "../support/assemble.ts";

const two = assemble(op.BININT1, 1, op.STOP, op.BININT1, 2, op.STOP);
const list = assemble(op.EMPTY_LIST, op.NONE, op.APPEND, op.STOP);

describe("input", () => {
	const padded = assemble("xx", list, "yyy");
	const inside = padded.subarray(2, 2 + list.length);

	test.each([
		["an ArrayBuffer", list.buffer],
		["a Uint8Array", list],
		["a part of one", inside],
		["a Buffer", Buffer.from(inside)],
		["a DataView", new DataView(padded.buffer, 2, list.length)],
		["a Uint16Array", new Uint16Array(new Uint8Array(list).buffer)],
		["a SharedArrayBuffer", shared(list)],
	])("may be %s", (_name, input) => {
		expect(decode(input)).toEqual([null]);
		expect(decodeFirst(input)).toEqual({ value: [null], end: list.length });
	});

	test.each([undefined, null, "]N.", 5, [1, 2], {}])("%s is a TypeError", (input) => {
		expect(() => decode(input as never)).toThrow(TypeError);
		expect(() => [...decodeAll(input as never)]).toThrow(TypeError);
	});

	test("a path is a TypeError that names what takes one", async () => {
		expect(() => decode("a.pkl" as never)).toThrow(/a path is for readPickle or fileSource of picklet\/node$/);
		await expect(readPickle("a.pkl" as never)).rejects.toThrow(/picklet\/node reads paths/);
	});
});

function shared(bytes: Uint8Array): SharedArrayBuffer {
	const buffer = new SharedArrayBuffer(bytes.length);
	new Uint8Array(buffer).set(bytes);
	return buffer;
}

describe("several pickles in one input", () => {
	test("decode takes exactly one", () => {
		expect(() => decode(two)).toThrow(expect.objectContaining({ code: "E_TRAILING", offset: 3 }));
		const text = assemble(op.NONE, op.STOP, '{"a": 1}');
		expect(() => decode(text)).toThrow("JSON of 8 bytes after the pickle, which ends at 2");
	});

	test("decodeFirst takes the first, and tells where it ends", () => {
		expect(decodeFirst(two)).toEqual({ value: 1, end: 3 });
		expect(decodeFirst(assemble(op.NONE, op.STOP, 0xff))).toEqual({ value: null, end: 2 });
	});

	test("decodeAll takes one after another", () => {
		expect([...decodeAll(two)]).toEqual([1, 2]);
	});

	test("decodeAll yields those before the damaged one", () => {
		const values: unknown[] = [];
		const read = () => {
			for (const value of decodeAll(assemble(two, 0xff))) values.push(value);
		};
		expect(read).toThrow(expect.objectContaining({ code: "E_OPCODE", offset: 6 }));
		expect(values).toEqual([1, 2]);
	});

	test.each([
		["decode", (bytes: Uint8Array) => decode(bytes)],
		["decodeAll", (bytes: Uint8Array) => [...decodeAll(bytes)]],
	])("of an empty input %s makes E_TRUNCATED", (_name, read) => {
		expect(() => read(new Uint8Array(0))).toThrow(expect.objectContaining({ code: "E_TRUNCATED", offset: 0, end: 0 }));
	});
});

describe("keepMemo", () => {
	const pickles = assemble(op.EMPTY_LIST, op.BINPUT, 0, op.STOP, op.BINGET, 0, op.NONE, op.APPEND, op.STOP);

	test("by default each pickle has a memo of its own", () => {
		expect(() => [...decodeAll(pickles)]).toThrow(expect.objectContaining({ code: "E_MEMO", offset: 4 }));
	});

	test("with it a pickle sees those before it", async () => {
		const [one, other] = [...decodeAll(pickles, { keepMemo: true })];
		expect(one).toBe(other);
		expect(one).toEqual([null]);
		const values = [];
		for await (const value of decodeStream([pickles], { keepMemo: true })) values.push(value);
		expect(values[0]).toBe(values[1]);
	});

	test("but no other input", () => {
		const read = unpickler({ keepMemo: true });
		expect([...read.decodeAll(pickles)]).toHaveLength(2);
		expect(() => read.decode(pickles.subarray(4))).toThrow(expect.objectContaining({ code: "E_MEMO" }));
	});
});

describe("unpickler", () => {
	test("has all four functions, by its options", async () => {
		const read = unpickler({ integers: "bigint" });
		expect(read.decode(two.subarray(0, 3))).toBe(1n);
		expect(read.decodeFirst(two)).toEqual({ value: 1n, end: 3 });
		expect([...read.decodeAll(two)]).toEqual([1n, 2n]);
		const values = [];
		for await (const value of read.decodeStream([two], { size: two.length })) values.push(value);
		expect(values).toEqual([1n, 2n]);
	});

	test("goes on after an error", () => {
		const read = unpickler();
		expect(() => read.decode(assemble(op.BININT1))).toThrow();
		expect(read.decode(list)).toEqual([null]);
		expect(read.decode(list)).not.toBe(read.decode(list));
	});

	test("reads several inputs in turn", () => {
		const read = unpickler();
		const [one, other] = [read.decodeAll(two), read.decodeAll(assemble(list, two))];
		expect([one.next().value, other.next().value, one.next().value, other.next().value]).toEqual([1, [null], 2, 1]);
	});
});

describe("picklet/core", () => {
	const set = assemble("cbuiltins\nset\n)R.");

	test("has the same functions, and no reducers", async () => {
		expect(core.decode(set)).toBeInstanceOf(PyObject);
		expect(core.decodeFirst(set).value).toBeInstanceOf(PyObject);
		expect([...core.decodeAll(two)]).toEqual([1, 2]);
		expect(core.unpickler().decode(list)).toEqual([null]);
		const values = [];
		for await (const value of core.decodeStream([two])) values.push(value);
		expect(values).toEqual([1, 2]);
	});

	test("takes those that are given", () => {
		const made = core.decode(set, { reducers: [{ name: "builtins.set", create: () => new PySet() }] });
		expect(made).toEqual(new PySet());
	});
});
