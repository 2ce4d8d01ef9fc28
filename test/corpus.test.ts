import { describe, expect, it } from "vitest";
import {
	type DecodeOptions,
	decode,
	decodeAll,
	decodeStream,
	isPickleError,
	type PickleError,
	type PyValue,
} from "../src/index.ts";
import { compareTags } from "./support/compareTags.ts";
import { type CorpusFile, corpusFiles, decodeOptionsFor } from "./support/corpus.ts";
import { describe as describeValue } from "./support/describe.ts";
import { fromHex, type Tag } from "./support/tags.ts";

const files = corpusFiles();
/** Keys that differ in Python 2 and are one text in Latin-1. What Python 3 makes of that, test/oracles says. */
const collides = /^python2\/keys\./;
const encodings = ["auto", "ascii", "latin1", "utf-8", "bytes"] as const;
const variants: readonly DecodeOptions[] = [
	{},
	{ floats: "auto" },
	{ integers: "bigint" },
	{ integers: "long" },
	{ tuples: "array" },
	{ copy: "always" },
	{ copy: "never" },
	{ scalars: "value" },
];

function expectedValues({ expected: { value, values } }: CorpusFile): readonly Tag[] {
	return values ?? [value as Tag];
}

function differences(file: CorpusFile, options: DecodeOptions): string[] {
	const decoded = [...decodeAll(file.data, options)];
	const expected = expectedValues(file);
	const found = expected.flatMap((tag, index) => compareTags(describeValue(decoded[index] as PyValue), tag, options));
	return decoded.length === expected.length ? found : [`${decoded.length} pickles, not ${expected.length}`];
}

/**
 * Whether each of Python 2's strs in the value is text in the encoding; undefined if some are not written out, or lie inside
 * objects that no reducer claims yet.
 */
function isText(values: readonly Tag[], encoding: "ascii" | "utf-8"): boolean | undefined {
	const strs: Tag[] = [];
	const hidden: Tag[] = [];
	JSON.stringify(values, (_, node) => {
		if (node?.t === "py2str") strs.push(node);
		if (/^(datetime|date|time)$/.test(node?.t)) hidden.push(node);
		return node;
	});
	if (hidden.length > 0 || strs.some(({ hex }) => hex === undefined)) return undefined;
	return strs.every(({ hex }) =>
		encoding === "ascii" ? isAscii(fromHex(hex as string)) : isUtf8(fromHex(hex as string)),
	);
}

function isAscii(bytes: Uint8Array): boolean {
	return bytes.every((byte) => byte < 128);
}

function isUtf8(bytes: Uint8Array): boolean {
	return Buffer.from(Buffer.from(bytes).toString("utf8")).equals(bytes);
}

async function* chunks(data: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	for (let start = 0; start < data.length; start += size) yield data.slice(start, start + size);
}

function refusal(run: () => unknown): PickleError {
	try {
		run();
	} catch (error) {
		if (isPickleError(error)) return error;
		throw error;
	}
	throw new Error("nothing was refused");
}

describe("every file of the corpus", () => {
	const readable = files.filter(({ expected }) => expected.error === undefined);

	it("is there, in numbers", () => {
		expect(files.length).toBeGreaterThan(400);
		expect(new Set(files.map(({ protocol }) => protocol))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
	});

	it.each(readable)("$path holds what Python loads from it, with every option", (file) => {
		for (const variant of variants) {
			expect(differences(file, { ...decodeOptionsFor(file), ...variant }), JSON.stringify(variant)).toEqual([]);
		}
	});

	it.each(readable)("$path gives the same in chunks of any size", async (file) => {
		const options = decodeOptionsFor(file);
		const whole = [...decodeAll(file.data, options)].map(describeValue);
		for (const size of [1, 7, 65_536]) {
			const streamed: Tag[] = [];
			for await (const value of decodeStream(chunks(file.data, size), options)) streamed.push(describeValue(value));
			expect(streamed, `chunks of ${size}`).toEqual(whole);
		}
	});

	it.each(readable.filter(({ python2 }) => python2))("$path holds Python 2's strs in every encoding", (file) => {
		for (const encoding of encodings) {
			const options = { ...decodeOptionsFor(file), encoding };
			if (encoding === "latin1" && collides.test(file.path)) continue;
			const text = encoding === "ascii" || encoding === "utf-8" ? isText(expectedValues(file), encoding) : true;
			if (text === false) expect(refusal(() => differences(file, options)).code, encoding).toBe("E_TEXT");
			if (text === true) expect(differences(file, options), encoding).toEqual([]);
		}
	});

	it.each(files.filter(({ expected }) => expected.error))("$path is refused, and why", (file) => {
		const { code, mentions } = file.expected.error as { code: string; mentions: string[] };
		const error = refusal(() => decode(file.data, decodeOptionsFor(file)));
		expect(error.code).toBe(code);
		for (const mention of mentions) expect(error.message).toContain(mention);
	});
});
