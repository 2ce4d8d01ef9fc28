import { describe, expect, test } from "vitest";
import { type DecodeOptions, decode, decodeAll, decodeFirst, decodeStream, unpickler } from "../../src/index.ts";

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

test.each([null, "exact", 5])("options that are %o are a TypeError", (options) => {
	expect(() => decode(none, options as DecodeOptions)).toThrow(new TypeError("options are an object"));
});

test.each([-1, Number.NaN, "many"])("the size of a stream is a number of bytes, not %o", async (size) => {
	await expect(decodeStream([none], { size: size as number }).next()).rejects.toThrow(TypeError);
});
