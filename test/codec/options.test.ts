import { describe, expect, test } from "vitest";
import {
	type DecodeOptions,
	DType,
	decode,
	decodeAll,
	decodeFirst,
	decodeStream,
	openPickle,
	readPickle,
	unpickler,
} from "../../src/index.ts";
import { fileSource, writePickle } from "../../src/node/index.ts";
import { writeNpy } from "../../src/numpy/index.ts";

const none = Uint8Array.of(0x4e, 0x2e);

/** Each option with all its values, the default first, or with some that are right; and some that are wrong. */
const options: Readonly<Record<keyof DecodeOptions, readonly [right: readonly unknown[], wrong: readonly unknown[]]>> =
	{
		integers: [
			["auto", "bigint", "long"],
			["number", null, 1],
		],
		floats: [
			["auto", "exact"],
			["number", true],
		],
		encoding: [
			["auto", "ascii", "latin1", "utf-8", "bytes"],
			["utf8", "ASCII", null, 1],
		],
		tuples: [["frozen", "array"], ["list"]],
		copy: [
			["small", "always", "never"],
			[true, "auto"],
		],
		binstring: [["signed", "unsigned"], [true]],
		scalars: [["numpy", "value"], ["bare"]],
		fixImports: [
			[true, false],
			["yes", 1, null],
		],
		keepMemo: [
			[false, true],
			["yes", 0],
		],
		buffers: [
			[[], new Set(), [new ArrayBuffer(1)]],
			[5, {}, null],
		],
		persistentLoad: [
			["error", () => null],
			["none", {}, null],
		],
		extensions: [
			[new Map(), new Map([[1, "a.b"]])],
			[
				{},
				[[1, "a.b"]],
				new Map([[1, "name"]]),
				new Map([[1, ".name"]]),
				new Map([[1, 5]]),
				new Map([[0, "a.b"]]),
				null,
			],
		],
		reducers: [[[]], ["all", {}, null, [null], [{}]]],
		limits: [
			[{}, { maxItems: 5 }, { maxWork: undefined }],
			[5, null, { maxItem: 5 }, { maxItems: -1 }, { maxItems: "5" }, { maxWork: Number.NaN }, { toString: 5 }],
		],
	};

describe.each(Object.entries(options))("%s", (name, [right, wrong]) => {
	test.each(right)("takes %o", (value) => {
		expect(decode(none, { [name]: value })).toBeNull();
	});

	test("is its default if undefined", () => {
		expect(decode(none, { [name]: undefined })).toBeNull();
	});

	test.each(wrong)("refuses %o by a TypeError that names it", (value) => {
		const naming = expect.objectContaining({
			message: expect.stringMatching(name === "extensions" ? /extension/ : /option|limit/),
		});
		expect(() => decode(none, { [name]: value })).toThrow(TypeError);
		expect(() => decode(none, { [name]: value })).toThrow(naming);
	});
});

test.each(["bogus", "constructor", "toString", "Integers", ""])('an unknown option "%s" is a TypeError', (name) => {
	const wrong = { [name]: true };
	const message = `unknown option "${name}"`;
	expect(() => decode(none, wrong)).toThrow(new TypeError(message));
	expect(() => decodeFirst(none, wrong)).toThrow(new TypeError(message));
	expect(() => decodeAll(none, wrong)).toThrow(new TypeError(message));
	expect(() => decodeStream([none], wrong)).toThrow(new TypeError(message));
	expect(() => unpickler(wrong)).toThrow(new TypeError(message));
});

test.each([null, "exact", 5])("options that are %o are a TypeError", async (options) => {
	const wrong = options as DecodeOptions;
	const reason = new TypeError("options are an object");
	expect(() => decode(none, wrong)).toThrow(reason);
	expect(() => decodeStream([none], wrong)).toThrow(reason);
	await expect(readPickle(none, wrong)).rejects.toThrow(reason);
	await expect(openPickle(none, wrong)).rejects.toThrow(reason);
	await expect(writePickle("none.pkl", none, wrong as object)).rejects.toThrow(reason);
});

test.each<[object, string]>([
	[{ signal: 5 }, "option signal is an AbortSignal"],
	[{ signal: null }, "option signal is an AbortSignal"],
	[{ onProgress: true }, "option onProgress is a function"],
])("%o is a TypeError of reading and writing", async (options, message) => {
	await expect(readPickle(none, options)).rejects.toThrow(new TypeError(message));
	await expect(openPickle(none, options)).rejects.toThrow(new TypeError(message));
	await expect(writePickle("none.pkl", none, options)).rejects.toThrow(new TypeError(message));
});

test.each<[string, () => unknown]>([
	["reducers", () => decode(none, { reducers: [null] as never })],
	["extension 1", () => decode(none, { extensions: new Map([[1, 5 as never]]) })],
	['"null" is no dtype', () => DType.of(null as never)],
	["a typed array", () => writeNpy([1] as never)],
])("a wrong call is a TypeError that names %s", (name, call) => {
	expect(call).toThrow(TypeError);
	expect(call).toThrow(name);
});

test("a path that is none is a TypeError", async () => {
	await expect(fileSource(5 as never)).rejects.toThrow(
		new TypeError("a file is named by a path or a file: URL, or is an open FileHandle"),
	);
});

test.each([-1, Number.NaN, "many"])("the size of a stream is a number of bytes, not %o", async (size) => {
	await expect(decodeStream([none], { size: size as number }).next()).rejects.toThrow(TypeError);
});
