import { describe, expect, test } from "vitest";
import { type EncodeOptions, resolveEncodeOptions } from "../../src/codec/encode-options.ts";
import {
	decode,
	encode,
	encodeChunks,
	PyDict,
	PyGlobal,
	PyObject,
	PyPartial,
	PySet,
	standardReducers,
	tuple,
} from "../../src/index.ts";
import { Pickler } from "../../src/opcodes/pickler.ts";
import type { PyLargeBytes } from "../../src/values/large.ts";
import type { PyValue } from "../../src/values.ts";

/** A machine whose payloads may be of a few bytes only, and whose values of 32,768 levels. */
function smallPickler(options: EncodeOptions): Pickler {
	const limits = { signed: 10, unsigned: 20, wide: 15, piece: 4, depth: 2 ** 15 };
	return new Pickler({ ...resolveEncodeOptions(options, standardReducers), limits });
}

function latin1(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("latin1");
}

describe("payloads that the protocol cannot hold", () => {
	const bytes = new Uint8Array(21);

	test.each([
		[{ python: 2 }, "struct.error: 'i' format requires -2147483648 <= number <= 2147483647"],
		[
			{ protocol: 3 },
			"OverflowError: serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher",
		],
		[{ protocol: 2 }, "OverflowError: serializing a string larger than 4 GiB requires pickle protocol 4 or higher"],
	] as const)("with %j is E_OVERFLOW, with Python's words, the path and the size", (options, words) => {
		const write = () => smallPickler(options).whole({ users: [bytes] });
		expect(write).toThrow(expect.objectContaining({ code: "E_OVERFLOW", path: "$.users[0]" }));
		expect(write).toThrow(words);
		expect(write).toThrow("21 bytes");
	});

	test("text is measured in UTF-8", () => {
		expect(() => smallPickler({ protocol: 3 }).whole("é".repeat(100))).toThrow(
			"serializing a string larger than 4 GiB",
		);
		expect(decode(smallPickler({ protocol: 3 }).whole("é".repeat(10)))).toBe("é".repeat(10));
	});

	test("Python 2's lines of protocol 0 hold any length", () => {
		expect(decode(smallPickler({ python: 2, protocol: 0 }).whole(bytes), { encoding: "bytes" })).toEqual(bytes);
	});

	test("are split for Python 2 into pieces that it joins", () => {
		const split = smallPickler({ python: 2, overflow: "split" }).whole(
			Uint8Array.from("abcdefghijk", (c) => c.charCodeAt(0)),
		);
		expect(latin1(split)).toContain("c__builtin__\ngetattr\n");
		expect(latin1(split)).toContain("U\x04abcd");
		expect(latin1(split)).toContain("U\x03ijk");
	});

	test("have 8-byte lengths from protocol 4 on", () => {
		expect(latin1(smallPickler({ protocol: 4 }).whole(new Uint8Array(300)))).toContain("\x8e\x2c\x01\0\0\0\0\0\0");
		expect(latin1(smallPickler({ protocol: 4 }).whole("x".repeat(30000)))).toContain("\x8d\x30\x75\0\0\0\0\0\0");
	});
});

describe("nesting", () => {
	test.each([
		["lists", (inner: PyValue) => [inner]],
		["tuples", (inner: PyValue) => tuple(inner)],
		["dicts", (inner: PyValue) => new PyDict([[1, inner]])],
	])("of 1,000,000 %s takes no call stack", (_, wrap) => {
		let value: PyValue = 1;
		for (let level = 0; level < 1_000_000; level++) value = wrap(value);
		expect(encode(value).length).toBeGreaterThan(1_000_000);
	});

	test("that a getter makes without end is E_TOO_LARGE", () => {
		const endless = (): object => ({
			get next() {
				return endless();
			},
		});
		const write = () => smallPickler({}).whole(endless());
		expect(write).toThrow(expect.objectContaining({ code: "E_TOO_LARGE" }));
		expect(write).toThrow("a value of more than 32768 levels");
	});

	test("of a tuple or call in itself is E_UNENCODABLE", () => {
		const self: unknown[] = [];
		self.push(self);
		Object.freeze(self);
		expect(() => encode(self)).toThrow("a part of itself");
		const args: PyValue[] = [];
		const call = new PyObject("call", new PyGlobal("m", "f"), args);
		args.push(call);
		expect(() => encode(call)).toThrow("a part of itself");
	});
});

describe("identity", () => {
	test.each([0, 1, 2, 3, 4, 5] as const)(
		"of shared objects and cycles through every container, protocol %d",
		(protocol) => {
			const list: PyValue[] = [];
			const pair = tuple(list, 1, 2, 3, 4);
			const dict = new PyDict([["list", list]]);
			const object = new PyObject("call", new PyGlobal("m", "f"), tuple(list));
			object.steps.push({ kind: "state", state: dict });
			list.push(pair, dict, object, pair);
			const again = decode(encode(list, { protocol })) as [PyValue[], PyDict, PyObject, PyValue[]];
			expect(again[0]).toBe(again[3]);
			expect(again[0][0]).toBe(again);
			expect(Object.isFrozen(again[0])).toBe(true);
			expect(again[1].get("list")).toBe(again);
			expect(again[2].args[0]).toBe(again);
			expect(again[2].state).toBe(again[1]);
		},
	);

	describe("of an object that its arguments lead back to", () => {
		/** `m.f([{ object }, ...])` by way of another object's state, and how many items each list has that f is called with. */
		function calls(bytes: Uint8Array): [PyObject, number[]] {
			const lengths: number[] = [];
			const create = ({ args }: { args: readonly PyValue[] }) => {
				lengths.push((args[0] as PyValue[]).length);
				return new PyObject("call", new PyGlobal("m", "f"), args);
			};
			return [decode(bytes, { reducers: [{ name: "m.f", create }] }) as PyObject, lengths];
		}

		function holder(state: PyValue): PyObject {
			const made = new PyObject("new", new PyGlobal("m", "Holder"), tuple());
			made.steps.push({ kind: "state", state });
			return made;
		}

		test.each([0, 1, 2, 3, 4, 5] as const)("it is made of whole arguments, protocol %d", (protocol) => {
			const list: PyValue[] = [];
			const object = new PyObject("call", new PyGlobal("m", "f"), tuple(list));
			list.push(holder(new PyDict([["object", object]])));
			const [again, lengths] = calls(encode(object, { protocol }));
			expect(lengths[0]).toBe(1);
			const [held] = again.args[0] as [PyObject];
			expect((held.state as PyDict).get("object")).toBe(again);
		});

		test("it is made of what something else refers to, whole or not", () => {
			const list: PyValue[] = [];
			const object = new PyObject("call", new PyGlobal("m", "f"), tuple(list));
			list.push(holder(tuple(list, object)));
			const [again, lengths] = calls(encode(object));
			expect(lengths[0]).toBe(0);
			const [held] = again.args[0] as [PyObject];
			expect(held.state).toEqual([again.args[0], again]);
			expect((held.state as PyValue[])[0]).toBe(again.args[0]);
		});

		test("it is in them where they lead to it by nothing else", () => {
			const list: PyValue[] = [1];
			const object = new PyObject("call", new PyGlobal("m", "f"), tuple(list));
			list.push(object, 2);
			const [again] = calls(encode(object));
			expect(again.args[0]).toEqual([1, again, 2]);
			expect((again.args[0] as PyValue[])[1]).toBe(again);
		});

		test("two that lead to each other are found again", () => {
			const [first, second]: [PyValue[], PyValue[]] = [[], []];
			const one = new PyObject("call", new PyGlobal("m", "f"), tuple(first));
			const two = new PyObject("call", new PyGlobal("m", "f"), tuple(second));
			first.push(two);
			second.push(one);
			const [again] = calls(encode(one));
			const [other] = again.args[0] as [PyObject];
			expect(other.args[0]).toEqual([again]);
			expect((other.args[0] as PyValue[])[0]).toBe(again);
		});
	});

	test("of equal strings is by shareStrings", () => {
		const value = [{ key: "text" }, { key: "text" }];
		const count = (text: string, shareStrings: "keys" | "all" | "none") =>
			latin1(encode(value, { shareStrings })).split(text).length - 1;
		expect([count("key", "keys"), count("text", "keys")]).toEqual([1, 2]);
		expect([count("key", "all"), count("text", "all")]).toEqual([1, 1]);
		expect([count("key", "none"), count("text", "none")]).toEqual([2, 2]);
	});
});

describe("PyObject goes back as it came", () => {
	const name = new PyGlobal("module", "Class");
	const build = (object: PyObject) => {
		object.steps.push(
			{ kind: "state", state: new PyDict([["a", 1]]) },
			{ kind: "items", items: [1, 2] },
			{ kind: "entries", entries: ["k", "v"] },
			{ kind: "call", call: new PyObject("call", new PyGlobal("module", "setter"), [object, 5]) },
			{ kind: "state", state: new PyDict([["b", 2]]) },
		);
		return object;
	};

	test.each(["call", "new", "inst"] as const)("%s, with its steps in order", (kind) => {
		for (const protocol of [0, 1, 2, 3, 4, 5] as const) {
			const again = decode(encode(build(new PyObject(kind, name, tuple(1, "x"))), { protocol })) as PyObject;
			const kinds = again.steps.map((step) => step.kind);
			// Protocol 0 appends one by one.
			expect(kinds.filter((one, i) => one !== kinds[i - 1])).toEqual(["state", "items", "entries", "call", "state"]);
			expect(again.items).toEqual([1, 2]);
			expect([String(again.class), again.get("a"), again.get("b")]).toEqual(["module.Class", 1, 2]);
			if (kind !== "new" || protocol >= 2) expect([again.kind, again.args]).toEqual([kind, [1, "x"]]);
		}
	});

	test("keyword arguments by NEWOBJ_EX, and below protocol 4 as Python does", () => {
		const object = new PyObject("new", name, tuple(1), new PyDict([["k", 2]]));
		expect((decode(encode(object)) as PyObject).kwargs?.get("k")).toBe(2);
		const partial = decode(encode(object, { protocol: 2 })) as PyObject;
		expect(partial.callable).toBeInstanceOf(PyPartial);
		expect(String((decode(encode(object, { protocol: 1 })) as PyObject).callable)).toBe("copyreg.__newobj_ex__");
	});

	test("added members by ADDITEMS", () => {
		const object = new PyObject("call", name, []);
		object.steps.push({ kind: "add", items: [1] });
		expect((decode(encode(object)) as PyObject).steps).toEqual([{ kind: "add", items: [1] }]);
		expect(() => encode(object, { python: 2 })).toThrow("adds members");
	});

	test("persistent ids, extension codes, nested names", () => {
		const ids = encode([{ id: 7 }, 1], { persistentId: (value) => (value as { id?: number }).id });
		expect(decode(ids, { persistentLoad: (id) => `loaded ${String(id)}` })).toEqual(["loaded 7", 1]);
		const extensions = new Map([[300, "module.Class"]]);
		expect(latin1(encode(name, { extensions }))).toContain("\x83\x2c\x01.");
		for (const protocol of [0, 3, 4] as const) {
			expect(String(decode(encode(new PyGlobal("m", "A.B.C"), { protocol })))).toBe("m.A.B.C");
		}
	});
});

describe("pieces", () => {
	test("together are what encode gives, and large memory is not copied", () => {
		const bytes = new Uint8Array(100_000).fill(7);
		const floats = new Float64Array(50_000).fill(1.5);
		const value = [bytes, "text".repeat(50_000), floats, Array.from({ length: 200_000 }, (_, i) => i), new PySet([1])];
		for (const protocol of [2, 3, 4, 5] as const) {
			const pieces = [...encodeChunks(value, { protocol })];
			expect(Buffer.concat(pieces).equals(encode(value, { protocol }))).toBe(true);
			expect(pieces.length).toBeGreaterThan(8);
			if (protocol >= 3) expect(pieces.some((piece) => piece.buffer === bytes.buffer)).toBe(true);
			if (protocol >= 3) expect(pieces.some((piece) => piece.buffer === floats.buffer)).toBe(true);
		}
	});

	test("buffers out of band", () => {
		const taken: (Uint8Array | PyLargeBytes)[] = [];
		const floats = new Float64Array([1, 2, 3]);
		const pickle = encode([floats, floats], { protocol: 5, onBuffer: (buffer) => void taken.push(buffer) });
		expect(taken.map((buffer) => buffer.buffer)).toEqual([floats.buffer]);
		const [array] = decode(pickle, { buffers: taken }) as [{ toNested(): number[] }];
		expect(array.toNested()).toEqual([1, 2, 3]);
	});
});
