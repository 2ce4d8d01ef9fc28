import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import type { ConditionCode } from "../../../src/inspect/diagnosis/diagnosis.ts";
import { assemble } from "../../support/assemble.ts";
import { repository } from "../../support/repository.ts";

const corpus = (name: string) => new Uint8Array(readFileSync(join(repository, "corpus", name)));
const global2 = (module: string, name: string) => assemble(`\x80\x02c${module}\n${name}\n.`);

/** Files that have a condition, and files that lack it though they come close. */
const table: readonly {
	readonly code: ConditionCode;
	readonly has: Readonly<Record<string, Uint8Array>>;
	readonly lacks: Readonly<Record<string, Uint8Array>>;
}[] = [
	{
		code: "python2-str",
		has: {
			"SHORT_BINSTRING of Latin-1": assemble("\x80\x02U\x01\xe9."),
			"STRING with an escape": assemble("S'\\xe9'\n."),
			"a Python 2 array": corpus("numpy/little_endian.py27-np116.p2.pkl"),
		},
		lacks: {
			"an ASCII str": assemble("\x80\x02U\x01e."),
			"unicode of Latin-1": assemble("\x80\x02X\x02\0\0\0\xc3\xa9."),
			"bytes of Python 3": assemble("\x80\x03C\x01\xe9."),
			"an array of Python 3": corpus("numpy/little_endian.p2.pkl"),
		},
	},
	{
		code: "numpy2-names",
		has: { "an array of numpy 2": corpus("numpy/float64.p4.pkl"), "a name": global2("numpy._core.numeric", "add") },
		lacks: {
			"an array of numpy 1.26": corpus("numpy/little_endian.py311-np126.p4.pkl"),
			"a module that only begins so": global2("numpy._corex", "add"),
		},
	},
	{
		code: "gone-module",
		has: {
			"pandas.indexes": global2("pandas.indexes.base", "_new_Index"),
			"pandas.tslib": global2("pandas.tslib", "Timestamp"),
			"Int64Index of pandas 1": global2("pandas.core.indexes.numeric", "Int64Index"),
			"sklearn.externals.joblib": global2("sklearn.externals.joblib.numpy_pickle", "NumpyArrayWrapper"),
			"sklearn.linear_model.base": global2("sklearn.linear_model.base", "LinearRegression"),
			"sklearn.cross_validation": global2("sklearn.cross_validation", "KFold"),
			sets: global2("sets", "Set"),
			imp: global2("imp", "load_source"),
		},
		lacks: {
			"pandas.core.indexes.base": global2("pandas.core.indexes.base", "_new_Index"),
			"sklearn.linear_model._base": global2("sklearn.linear_model._base", "LinearRegression"),
			joblib: global2("joblib.numpy_pickle", "NDArrayWrapper"),
			"a name that only begins so": global2("importlib", "import_module"),
			copy_reg: global2("copy_reg", "_reconstructor"),
		},
	},
	{
		code: "needs-import",
		has: { "an application's class": global2("shop.models", "Foo"), "one of a script": global2("__main__", "Foo") },
		lacks: {
			"a class of Python": global2("datetime", "date"),
			"one of numpy": global2("numpy", "ndarray"),
			"one that is gone": global2("sets", "Set"),
		},
	},
	{
		code: "runs-code",
		has: { "os.system": global2("posix", "system"), eval: global2("__builtin__", "eval") },
		lacks: { "a path of os": global2("posixpath", "join"), len: global2("__builtin__", "len") },
	},
	{
		code: "protocol-5",
		has: { "PROTO 5": assemble("\x80\x05N."), BYTEARRAY8: corpus("bytes/bytearray.p5.pkl") },
		lacks: { "PROTO 4": assemble("\x80\x04N."), "bytearray at protocol 4": corpus("bytes/bytearray.p4.pkl") },
	},
	{
		code: "persistent-loader",
		has: { PERSID: corpus("objects/persistent_ids.p0.pkl"), BINPERSID: corpus("objects/persistent_ids.p4.pkl") },
		lacks: { "a tuple like torch's": assemble("\x80\x02U\x07storage\x85.") },
	},
	{
		code: "out-of-band",
		has: { NEXT_BUFFER: corpus("bytes/out_of_band.p5.pkl"), arrays: corpus("numpy/out_of_band.p5.pkl") },
		lacks: { "the same in band": corpus("bytes/picklebuffer.p5.pkl") },
	},
	{
		code: "extension-registry",
		has: { "EXT1 to EXT4": corpus("objects/extensions.p2.pkl") },
		lacks: { "a name": global2("zoo", "Animal") },
	},
	{
		code: "several",
		has: { several: corpus("streams/several.p4.pkl") },
		lacks: { one: corpus("containers/dicts.p4.pkl") },
	},
	{
		code: "shared-memo",
		has: { "one Pickler": corpus("streams/one_pickler.p2.pkl") },
		lacks: { "several Picklers": corpus("streams/several.p2.pkl") },
	},
	{
		code: "trailing",
		has: { "a line end": assemble("\x80\x02N.\n"), text: assemble("\x80\x02N.read me, please") },
		lacks: { "another pickle": assemble("\x80\x02N.\x80\x02N."), nothing: assemble("\x80\x02N.") },
	},
	{
		code: "python2-only",
		has: { "a MARK as a value": assemble("](a."), "a memo index of no digits": assemble("(p\n0N.") },
		lacks: { "a list of one": assemble("]Na.") },
	},
	{
		code: "companion-files",
		has: { "an old joblib": global2("joblib.numpy_pickle", "NDArrayWrapper") },
		lacks: { "a newer one": global2("joblib.numpy_pickle", "NumpyArrayWrapper") },
	},
];

const rows = table.flatMap(({ code, has, lacks }) => [
	...Object.entries(has).map(([name, bytes]) => ({ code, name, bytes, isThere: true })),
	...Object.entries(lacks).map(([name, bytes]) => ({ code, name, bytes, isThere: false })),
]);

describe("conditions", () => {
	test.each(rows)("$code: $name: $isThere", async ({ code, bytes, isThere }) => {
		const { conditions, faults } = await diagnose(bytes);
		expect(faults).toEqual([]);
		expect(conditions.some((condition) => condition.code === code)).toBe(isThere);
	});

	test("line ends between two pickles are all that is taken away", async () => {
		const { conditions } = await diagnose(assemble("\x80\x02N.\n\n\x80\x02N."));
		expect(conditions).toMatchObject([{ code: "trailing", mend: { kind: "remove", offset: 4, length: 2 } }]);
		expect(conditions[0]?.title).toContain("another pickle");
	});

	test("each condition says what to do", async () => {
		for (const { bytes } of rows) {
			for (const { title, advice } of (await diagnose(bytes)).conditions) {
				expect(title).toMatch(/^[A-Z\d].*\.$/s);
				expect(advice).not.toBe("");
			}
		}
	});
});
