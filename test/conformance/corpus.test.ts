import { describe, expect, it } from "vitest";
import { type DecodeOptions, decodeAll, decodeFirst, isPickleError, type PyValue } from "../../src/index.ts";
import { compareTags } from "../support/compareTags.ts";
import { describe as describeValue } from "../support/describe.ts";
import { type RealFile, type RealValues, readBytes, readIndex, readValues } from "../support/realFiles.ts";
import { sharedFolder } from "../support/shared.ts";
import { holdsInert, Summary } from "../support/summary.ts";
import type { Tag } from "../support/tags.ts";

const folder = sharedFolder("corpus");

/** The pickles of a file that other data may follow. */
function* pickles(data: Uint8Array, trailing: number, options: DecodeOptions): Generator<PyValue> {
	if (trailing === 0) return yield* decodeAll(data, options);
	for (let at = 0; at < data.length - trailing; ) {
		const { value, end } = decodeFirst(data.subarray(at), options);
		yield value;
		at += end;
	}
}

function differences(file: RealFile, { encoding: name, values }: RealValues, summary: Summary): string[] {
	const encoding = name === "ASCII" ? "ascii" : name;
	const data = readBytes(folder as string, file);
	const found = Array.from(pickles(data, file.trailing_bytes, { encoding, floats: "exact" }), describeValue);
	if (found.length !== values.length) return [`${file.path}: ${found.length} pickles, Python has ${values.length}`];
	const different = found.flatMap((tag, place) => {
		const texts = compareTags(tag, values[place] as RealValues["values"][number], { encoding });
		return texts.map((text) => `${file.path} [${place}] ${text}`);
	});
	if (/^numpy-py[23]$/.test(file.kind) && found.some(holdsInertNumpy))
		different.push(`${file.path} holds inert numpy objects`);
	summary.count(file.kind, different.length > 0 ? "different" : found.some(holdsInert) ? "inert" : "equal");
	return different;
}

/** Whether an object of numpy's own classes was read as no more than one. */
function holdsInertNumpy(found: Tag): boolean {
	return /"t":"inert","kind":"\w+","module":"numpy[."]/.test(JSON.stringify(found));
}

/** What decoding the file with the default options comes to: `decoded`, a PickleError's code, or what it must not be. */
function outcome(file: RealFile): string {
	try {
		decodeFirst(readBytes(folder as string, file));
		return "decoded";
	} catch (error) {
		return isPickleError(error) ? error.code : `${file.path} threw ${error}`;
	}
}

/** Whether a Python 3 loads it, without help: joblib puts arrays between the opcodes, where only its own Unpickler finds them. */
function isLoaded({ cpython_loads: loads, kind }: RealFile): boolean {
	const accepts = Object.entries(loads).some(([python, result]) => python.startsWith("py3") && result.startsWith("ok"));
	return accepts && kind !== "joblib-rawarray";
}

describe.skipIf(folder === undefined)("the real files of the corpus", () => {
	it("hold what CPython loads from them", () => {
		const index = readIndex(folder as string);
		const summary = new Summary();
		const different: string[] = [];
		for (const line of readValues(folder as string)) {
			different.push(...differences(index.get(line.path) as RealFile, line, summary));
		}
		summary.print();
		expect(different).toEqual([]);
		expect(summary.files).toBe(906);
	}, 120_000);

	it("decode, or fail with a PickleError: those that a Python 3 loads decode", () => {
		const files = [...readIndex(folder as string).values()];
		const outcomes = files.map((file) => ({ file, outcome: outcome(file) }));
		expect(outcomes.filter(({ outcome }) => !/^(decoded|E_[A-Z_]+)$/.test(outcome))).toEqual([]);
		const refused = outcomes.filter(({ file, outcome }) => isLoaded(file) && outcome !== "decoded");
		expect(refused.map(({ file, outcome }) => `${file.path}: ${outcome}`)).toEqual([]);
		expect(files).toHaveLength(2004);
	});
});
