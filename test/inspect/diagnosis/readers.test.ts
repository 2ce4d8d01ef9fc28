import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { assemble } from "../../support/assemble.ts";
import { repository } from "../../support/repository.ts";

const corpus = (name: string) => new Uint8Array(readFileSync(join(repository, "corpus", name)));

/** Python 2.7, 3.0 to 3.3, 3.4 to 3.7, 3.8 and later: loads, loads with an option (w), fails. */
const tables: readonly (readonly [name: string, bytes: Uint8Array, outcomes: string])[] = [
	["protocol 2", assemble("\x80\x02N."), "loads loads loads loads"],
	["protocol 3", assemble("\x80\x03N."), "fails loads loads loads"],
	["protocol 4", assemble("\x80\x04N."), "fails fails loads loads"],
	["protocol 5", assemble("\x80\x05N."), "fails fails fails loads"],
	["a Python 2 str of Latin-1", assemble("U\x01\xe9."), "loads w w w"],
	[
		"a ufunc that Python 2 wrote",
		assemble("\x80\x02cnumpy.core\n_ufunc_reconstruct\nU\x05numpyU\x03add\x86R."),
		"loads loads loads loads",
	],
	[
		"a ufunc that Python 3 wrote",
		assemble("\x80\x02cnumpy.core\n_ufunc_reconstruct\nX\x05\0\0\0numpyX\x03\0\0\0add\x86R."),
		"fails loads loads loads",
	],
	["a persistent id", corpus("objects/persistent_ids.p2.pkl"), "w w w w"],
	["out-of-band buffers", corpus("bytes/out_of_band.p5.pkl"), "fails fails fails w"],
	["a cut file", assemble("\x80\x02]("), "fails fails fails fails"],
	["NUL bytes behind", assemble("\x80\x02N.\0\0"), "loads loads loads loads"],
	["a mark as a value", assemble("](a."), "loads fails fails fails"],
];

/** The pickle of a structured dtype, aligned, with such flags. */
const aligned = (flags: string) =>
	`\x80\x02cnumpy\ndtype\nX\x02\0\0\0V1\x89\x88\x87R(K\x03X\x01\0\0\0|NX\x01\0\0\0a\x85}X\x01\0\0\0acnumpy\ndtype\nX\x02\0\0\0i1\x85RK\0\x86sK\x01K\x01${flags}tb.`;

describe("readers", () => {
	test.each(tables)("%s", async (_, bytes, outcomes) => {
		const { readers } = await diagnose(bytes);
		expect(
			readers
				.slice(0, 4)
				.map(({ outcome }) => (outcome === "loads with" ? "w" : outcome))
				.join(" "),
		).toBe(outcomes);
	});

	test.each([
		[
			"of numpy 2",
			"numpy/float64.p4.pkl",
			"loads with",
			"1.26; before, ModuleNotFoundError: No module named 'numpy._core'",
		],
		["of numpy 1", "numpy/little_endian.py27-np116.p2.pkl", "loads", undefined],
	])("numpy 1 and 2 with an array %s", async (_, name, outcome, note) => {
		const { readers } = await diagnose(corpus(name));
		expect(readers.slice(4)).toEqual([
			{ reader: "numpy 1.x", outcome, ...(note !== undefined && { note }) },
			{ reader: "numpy 2.x", outcome: "loads" },
		]);
	});

	test.each([
		["with names of numpy._core.multiarray", "\x80\x02cnumpy._core.multiarray\n_reconstruct\n.", "loads with"],
		["a ufunc of numpy 2.0", "\x80\x02cnumpy._core._multiarray_umath\nadd\n.", "loads with"],
		["with other names of numpy._core", "\x80\x02cnumpy._core.records\nrecord\n.", "fails"],
		["with an aligned structure of numpy 1", aligned("J\x90\xff\xff\xff"), "loads"],
		["with an aligned structure of numpy 2", aligned("K\x90"), "fails"],
	])("numpy 1: %s", async (_, text, outcome) => {
		expect((await diagnose(assemble(text))).readers[4]?.outcome).toBe(outcome);
	});

	test.each([
		["of text", "\x80\x02U\x01\xe9.", 'encoding="latin1" or "bytes"'],
		["in a set", "\x80\x02c__builtin__\nset\n]U\x01\xe9a\x85R.", 'encoding="latin1" or "bytes"'],
		[
			"of a bytearray",
			"\x80\x02c__builtin__\nbytearray\nX\x01\0\0\0aU\x07latin-1\x86RU\x01\xe9\x86.",
			'encoding="latin1"',
		],
		["of an array", "\x80\x02carray\narray\nU\x01c]U\x01\xe9a\x86R.", 'encoding="latin1"'],
	])("strs of Python 2 %s", async (_, text, note) => {
		expect((await diagnose(assemble(text))).readers[3]?.note?.split(";")[0]).toBe(note);
	});

	test("the error of Python 3 for a Python 2 str is its own", async () => {
		const { readers } = await diagnose(assemble("U\x03ab\xe9."));
		expect(readers[3]?.note).toContain("'ascii' codec can't decode byte 0xe9 in position 2: ordinal not in range(128)");
	});
});

describe("writers", () => {
	test.each([
		["containers/dicts.py27.p2.pkl", /Python 2, cPickle/],
		["containers/dicts.py27-pickle.p2.pkl", /Python 2/],
		["containers/dicts.p3.pkl", /^Python 3$/],
		["containers/dicts.p4.pkl", /^Python 3\.4 or later$/],
		["containers/dicts.p5.pkl", /^Python 3\.8 or later$/],
		["numpy/little_endian.py27-np116.p2.pkl", /Python 2, cPickle, numpy 1\.17 or older/],
		["numpy/little_endian.py311-np126.p2.pkl", /Python 3, numpy 1\.18 to 1\.26/],
		["numpy/little_endian.p4.pkl", /Python 3\.4 or later, numpy 2/],
	])("%s", async (name, writer) => {
		const found = (await diagnose(corpus(name))).writer;
		expect(found?.name).toMatch(writer);
		expect(found?.evidence.length).toBeGreaterThan(0);
	});

	test.each([
		["dill", "cdill._dill\n_create_function\n", /^dill/],
		["cloudpickle", "ccloudpickle.cloudpickle\n_make_function\n", /^cloudpickle/],
		["joblib", "cjoblib.numpy_pickle\nNumpyArrayWrapper\n", /^joblib/],
		["another language", "](X\x01\0\0\0aX\x01\0\0\0bK\x01K\x02e", /another language/],
	])("%s", async (_, text, writer) => {
		expect((await diagnose(assemble(`\x80\x02${text}.`))).writer?.name).toMatch(writer);
	});
});
