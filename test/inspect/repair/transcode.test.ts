import { describe, expect, test } from "vitest";
import { decode, encode } from "../../../src/index.ts";
import { type RepairOptions, repair } from "../../../src/inspect/repair/repair.ts";
import { corpusFiles } from "../../support/corpus.ts";
import { readAll } from "../../support/readAll.ts";
import { SparseSource } from "../../support/sparseSource.ts";

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** What is said, how it is wanted, and how it is said then. */
type Row = readonly [what: string, before: string, wanted: RepairOptions, after: string];

async function check([, before, wanted, after]: Row): Promise<void> {
	const { outcome, result, after: found, edits } = await repair(latin1(before), undefined, wanted);
	expect({ outcome, faults: found.faults }).toEqual({ outcome: "repaired", faults: [] });
	expect(edits).toMatchObject([{ offset: 0, removed: before.length, inserted: after.length }]);
	expect(textOf(await readAll(result))).toBe(after);
	const again = await repair(latin1(after), undefined, wanted);
	expect(again.outcome).toBe("undamaged");
}

describe("another protocol", () => {
	const rows: readonly Row[] = [
		[
			"numbers and a list as text",
			"\x80\x04]\x94(K\x01M\x00\x01G\x3f\xf8\0\0\0\0\0\0e.",
			{ protocol: 0 },
			"(lp0\nI1\naI256\naF1.5\na.",
		],
		["a dict as text", "\x80\x02}(K\x01NK\x02\x88u.", { protocol: 0 }, "(dI1\nNsI2\nI01\ns."],
		["an int of more than 32 bits", "\x80\x02\x8a\x02\x00\x80.", { protocol: 0 }, "L-32768L\n."],
		["text with what a line cannot hold", "X\x04\0\0\0\\\n\xd0\x96.", { protocol: 0 }, "V\\u005c\\u000a\\u0416\n."],
		["surrogates written apart", "X\x06\0\0\0\xed\xa0\xbd\xed\xb8\x80.", { protocol: 0 }, "V\\ud83d\\ude00\n."],
		["str of Python 2", "U\x03a'\xff.", { protocol: 0 }, "S'a\\'\\xff'\n."],
		[
			"tuples within tuples",
			"\x80\x02K\x01\x85q\x00\x85q\x01h\x00\x86q\x02.",
			{ protocol: 1 },
			"(((K\x01tq\x00tq\x01h\x00tq\x02.",
		],
		[
			"an object made of NEWOBJ",
			"\x80\x02cm\nA\nq\x00)\x81q\x01.",
			{ protocol: 1 },
			"cfunctools\npartial\n(ccopy_reg\n__newobj__\ncm\nA\nq\x00tR)Rq\x01.",
		],
		[
			"an object made of NEWOBJ_EX",
			"\x80\x04\x8c\x01m\x8c\x01A\x93)}\x92.",
			{ protocol: 3 },
			"\x80\x03ccopyreg\n__newobj_ex__\ncm\nA\n)}\x87R.",
		],
		["an object made of OBJ", "(cm\nA\nq\x00K\x01oq\x01.", { protocol: 0 }, "(cm\nA\np0\n0I1\nim\nA\np1\n."],
		["items that go", "(K\x01K\x021N.", { protocol: 0 }, "(I1\nI2\n000N."],
		["a persistent id", "X\x01\0\0\0aQ.", { protocol: 0 }, "Pa\n."],
		[
			"a set",
			"\x80\x04\x8f\x94(K\x01K\x02\x90.",
			{ protocol: 2 },
			"\x80\x02c__builtin__\nset\n](K\x01K\x02e\x85Rq\x00.",
		],
		[
			"a set as text",
			"\x80\x04\x8f\x94(K\x01K\x02\x90\x85\x94.",
			{ protocol: 0 },
			"(c__builtin__\nset\n((lI1\naI2\natRp0\ntp1\n.",
		],
		["a set without items", "\x80\x04\x8f\x94.", { protocol: 3 }, "\x80\x03cbuiltins\nset\n]\x85Rq\x00."],
		[
			"a set that holds itself",
			"\x80\x04\x8f\x94(h\x00\x90.",
			{ protocol: 3 },
			"\x80\x03cbuiltins\nset\n)Rq\x00cbuiltins\ngetattr\ncbuiltins\nset\nX\x06\0\0\0update\x86Rh\x00](h\x00e\x86R0.",
		],
		["a frozenset", "\x80\x04(K\x01\x91\x94.", { protocol: 3 }, "\x80\x03cbuiltins\nfrozenset\n](K\x01e\x85Rq\x00."],
		[
			"names whose text is used again",
			"\x80\x04(\x8c\x08builtins\x94\x8c\x03int\x94\x93\x94h\x00\x8c\x05float\x93h\x00h\x00l.",
			{ protocol: 3 },
			"\x80\x03(cbuiltins\nint\nq\x02cbuiltins\nfloat\nX\x08\0\0\0builtinsq\x00h\x00l.",
		],
		[
			"a name that was a value before",
			"\x80\x04(\x8c\x01m\x94h\x00\x8c\x01A\x93t.",
			{ protocol: 2 },
			"\x80\x02(X\x01\0\0\0mq\x00cm\nA\nt.",
		],
		[
			"a class in a class",
			"\x80\x04\x8c\x01m\x94\x8c\x03A.B\x94\x93\x94.",
			{ protocol: 2 },
			"\x80\x02c__builtin__\ngetattr\ncm\nA\nX\x01\0\0\0B\x86Rq\x02.",
		],
		[
			"bytes",
			"\x80\x03C\x02a\xffq\x00.",
			{ protocol: 2 },
			"\x80\x02c_codecs\nencode\nX\x03\0\0\0a\xc3\xbfX\x06\0\0\0latin1\x86Rq\x00.",
		],
		["no bytes", "\x80\x03C\x00.", { protocol: 2 }, "\x80\x02c__builtin__\nbytes\n)R."],
		["bytes as text", "\x80\x03C\x02a\xff.", { protocol: 0 }, "c_codecs\nencode\n(Va\xff\nVlatin1\ntR."],
		[
			"a bytearray",
			"\x80\x05\x96\x02\0\0\0\0\0\0\0ab\x94.",
			{ protocol: 4 },
			"\x80\x04\x95\x1c\0\0\0\0\0\0\0cbuiltins\nbytearray\nC\x02ab\x85R\x94.",
		],
		[
			"text as opcodes",
			"(lp0\nI1\naL5L\naVa\\u0416\np1\naI01\naF1.5\na.",
			{ protocol: 2 },
			"\x80\x02(lq\x00K\x01a\x8a\x01\x05aX\x03\0\0\0a\xd0\x96q\x01a\x88aG\x3f\xf8\0\0\0\0\0\0a.",
		],
		[
			"names that Python would have mapped",
			"c__builtin__\nset\np0\n.",
			{ protocol: 4 },
			"\x80\x04\x95\x11\0\0\0\0\0\0\0cbuiltins\nset\nq\x00.",
		],
		[
			"an exception that Python 2 has under another name",
			"\x80\x03cbuiltins\nConnectionError\n.",
			{ protocol: 2 },
			"\x80\x02cbuiltins\nConnectionError\n.",
		],
	];
	test.each(rows)("%s", (...row) => check(row));
});

describe("other readers", () => {
	const rows: readonly Row[] = [
		[
			"numpy 2, by opcodes that share a module",
			"\x80\x04(\x8c\x15numpy.core.multiarray\x94\x8c\x0c_reconstruct\x94\x93h\x00\x8c\x06scalar\x93t.",
			{ for: "numpy 2" },
			"\x80\x04\x95\x37\0\0\0\0\0\0\0(\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93h\x00\x8c\x06scalar\x93t.",
		],
		[
			"numpy 1, where the module's name is a value too",
			"\x80\x04(\x8c\x16numpy._core.multiarray\x94\x8c\x06scalar\x94\x93h\x00t.",
			{ for: "numpy 1.26" },
			"\x80\x04\x95\x3d\0\0\0\0\0\0\0(\x8c\x15numpy.core.multiarray\x94\x8c\x06scalar\x94\x93\x8c\x16numpy._core.multiarrayt.",
		],
		[
			"numpy 2, by lines",
			"cnumpy.core.multiarray\nscalar\n.",
			{ for: "numpy 2.1" },
			"cnumpy._core.multiarray\nscalar\n.",
		],
		[
			"records of numpy 2 in numpy 1",
			"\x80\x03cnumpy.rec\nrecarray\n.",
			{ for: "numpy 1" },
			"\x80\x03cnumpy.core.records\nrecarray\n.",
		],
		[
			"Python 2 and an old numpy",
			"\x80\x04\x8c\x16numpy._core.multiarray\x94\x8c\x06scalar\x94\x93.",
			{ for: "python 2.7, numpy 1.16" },
			"\x80\x02cnumpy.core.multiarray\nscalar\n.",
		],
		["Python 2: bytes are its str", "\x80\x03C\x02a\xffq\x00.", { for: "python 2.7" }, "\x80\x02U\x02a\xffq\x00."],
		[
			"Python 2: names that were not mapped",
			"\x80\x02cbuiltins\nset\n.",
			{ for: "python 2.7" },
			"\x80\x02c__builtin__\nset\n.",
		],
		[
			"Python 2 and numpy before 1.16: the byte order of a dtype is str",
			"\x80\x02cnumpy\ndtype\nq\0X\x02\0\0\0f8K\0K\x01\x87Rq\x01(K\x03X\x01\0\0\0<q\x02NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb.",
			{ for: "python 2.7, numpy 1.6" },
			"\x80\x02cnumpy\ndtype\nq\0X\x02\0\0\0f8K\0K\x01\x87Rq\x01(K\x03U\x01<q\x02NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb.",
		],
		[
			"Python 2: names of fields are str, also those that were text before",
			"\x80\x04(\x8c\x05numpy\x94\x8c\x01a\x94h\0\x8c\x05dtype\x94\x93\x94\x8c\x02V1\x94K\0K\x01\x87R(K\x03\x8c\x01|N(h\x01t}K\x01K\x01K\x10tbh\x01t.",
			{ for: "python 2.7" },
			"\x80\x02(X\x05\0\0\0numpyq\0X\x01\0\0\0aq\x01cnumpy\ndtype\nq\x03X\x02\0\0\0V1q\x04K\0K\x01\x87R(K\x03U\x01|N(U\x01at}K\x01K\x01K\x10tbh\x01t.",
		],
		[
			"Python 3.6: its protocol",
			"\x80\x05\x95\x0b\0\0\0\0\0\0\0\x8c\x04text\x94\x85\x94\x86.".replace("\x86", ""),
			{ for: "python 3.6" },
			"\x80\x04\x95\x0a\0\0\0\0\0\0\0\x8c\x04text\x94\x85\x94.",
		],
		[
			"Python 3.12: what 3.13 called otherwise",
			"\x80\x03cpathlib._local\nPosixPath\n.",
			{ for: "python 3.12" },
			"\x80\x03cpathlib\nPosixPath\n.",
		],
		[
			"pandas: a module that moved",
			"\x80\x02cpandas.indexes.base\n_new_Index\n.",
			{ for: "pandas 1.5" },
			"\x80\x02cpandas.core.indexes.base\n_new_Index\n.",
		],
	];
	test.each(rows)("%s", async (...[what, before, wanted, after]) => {
		await check([what, what.startsWith("Python 3.6") ? before.replace("\x0b", "\x0a") : before, wanted, after]);
	});

	test.each([
		["numpy 3, an unknown word", "rust 1.0"],
		["no version", "python"],
		["one twice", "python 2.7, python 3.6"],
	])("%s is a TypeError", async (_, text) => {
		await expect(repair(latin1("N."), undefined, { for: text })).rejects.toThrow(TypeError);
	});

	test("a protocol that the reader does not read is a TypeError", async () => {
		await expect(repair(latin1("N."), undefined, { for: "python 2.7", protocol: 4 })).rejects.toThrow(
			"python 2.7 reads protocol 2 at most, not 4",
		);
	});
});

describe("what cannot be said is refused, and there is no result", () => {
	test.each([
		["buffers outside the pickle", "\x80\x05\x97.", { protocol: 4 }, 2, /buffers/],
		["a NaN with bits of its own as text", "\x80\x02G\x7f\xf8\0\0\0\0\0\x01.", { protocol: 0 }, 2, /NaN/],
		["a persistent id that is no text", "\x80\x02K\x01Q.", { protocol: 0 }, 4, /persistent id/],
		["a persistent id of two lines", "\x80\x02X\x02\0\0\0a\nQ.", { protocol: 0 }, 9, /persistent id/],
		["a code of the extension registry", "\x80\x02\x82\x01.", { protocol: 1 }, 2, /registry/],
		["a name of what is no literal", "\x80\x04\x8c\x01m2\x93.", { protocol: 3 }, 6, /literal/],
		["an int too long for text", `\x80\x02\x8b\x00\x10\0\0${"\x01".repeat(4096)}.`, { protocol: 1 }, 2, /digits/],
		["a name with a dot, which would become an attribute", "cm\nA.B\n.", { protocol: 4 }, 0, /dot/],
		["what Python 2 has not", "\x80\x03cbuiltins\nConnectionError\n.", { for: "python 2.7" }, 2, /Python 2 has no/],
		[
			"an array of array.array, which Python 2 makes otherwise",
			"\x80\x03carray\n_array_reconstructor\n.",
			{ for: "python 2.7" },
			2,
			/Python 2 has no array/,
		],
		[
			"a random state in a numpy before there was its name",
			"\x80\x02cnumpy.random._pickle\n__randomstate_ctor\n.",
			{ for: "python 2.7" },
			2,
			/numpy before 1\.17/,
		],
		[
			"a random state whose generator is one of its arguments",
			"\x80\x02(cnumpy.random._pickle\n__randomstate_ctor\ncnumpy.random._pickle\n__bit_generator_ctor\nt.",
			{ for: "numpy 1.23" },
			3,
			/numpy before 1\.24/,
		],
		[
			"a generator of numpy 2, by its class",
			"\x80\x02(cnumpy.random._pickle\n__bit_generator_ctor\ncnumpy.random._mt19937\nMT19937\nt.",
			{ for: "numpy 1.26" },
			46,
			/numpy before 2\.0/,
		],
		[
			"text of numpy 2 in numpy 1",
			"\x80\x03cnumpy._core._internal\n_convert_to_stringdtype_kwargs\n.",
			{ for: "numpy 1.26" },
			2,
			/StringDType/,
		],
	] as const)("%s", async (_, before, wanted, offset, why) => {
		const data = latin1(before);
		const { outcome, refusal, edits, resultSize } = await repair(data, undefined, wanted);
		expect({ outcome, edits, resultSize }).toEqual({ outcome: "refused", edits: [], resultSize: data.length });
		expect(refusal).toMatchObject({ offset, why: expect.stringMatching(why) });
	});
});

test("an array whose axes have an order of their own is refused to a numpy before 2.4", async () => {
	const file = corpusFiles().find(({ path }) => path === "numpy/layouts.p5.pkl");
	const { outcome, refusal } = await repair(file?.data ?? latin1(""), undefined, { for: "numpy 2.0" });
	expect({ outcome, why: refusal?.why }).toEqual({ outcome: "refused", why: expect.stringContaining("from 2.4 on") });
});

describe("payloads of any size", () => {
	const length = 2 ** 31 + 5;
	const long = [0x8e, 5, 0, 0, 0x80, 0, 0, 0, 0];

	test("what is longer than Python 2 holds is joined of pieces", async () => {
		const source = new SparseSource(Uint8Array.of(0x80, 4, ...long), length, latin1("."));
		const { outcome, result, resultSize, after, edits } = await repair(source, undefined, { for: "python 2.7" });
		expect(edits[0]?.why).toBe(
			"Protocol 4 becomes 2; the value is the same. 1 payload of more than 2 GiB: joined of pieces.",
		);
		expect({ outcome, faults: after.faults }).toEqual({ outcome: "repaired", faults: [] });
		const head = latin1("\x80\x02c__builtin__\ngetattr\nU\x00U\x04join\x86R](");
		const read = new Uint8Array(head.length + 5);
		await result.read(read, 0);
		expect(textOf(read)).toBe(`${textOf(head)}T\0\0\0\x40`);
		expect(resultSize).toBe(head.length + 2 * 5 + 2 + length + 4);
		const end = new Uint8Array(11);
		await result.read(end, resultSize - 11);
		expect(textOf(end)).toBe("U\x05\0\0\0\0\0e\x85R.");
	});

	test("protocol 3 holds it, and skips over it", async () => {
		const source = new SparseSource(Uint8Array.of(0x80, 4, ...long), length, latin1("."));
		const { result, resultSize } = await repair(source, undefined, { protocol: 3 });
		const read = new Uint8Array(7);
		await result.read(read, 0);
		expect([...read]).toEqual([0x80, 3, 0x42, 5, 0, 0, 0x80]);
		expect(resultSize).toBe(2 + 5 + length + 1);
	});

	test.each([
		[0, "c_codecs\nencode\n(V"],
		[2, "\x80\x02c_codecs\nencode\nX"],
	] as const)("bytes of half a megabyte become text of protocol %i", async (protocol, head) => {
		const payload = Uint8Array.from({ length: 2 ** 19 }, (_, i) => i % 251);
		const source = Buffer.concat([latin1("\x80\x04B\0\0\x08\0"), payload, latin1(".")]);
		const { result, outcome } = await repair(source, undefined, { protocol });
		expect(outcome).toBe("repaired");
		const bytes = await readAll(result);
		expect(textOf(bytes.subarray(0, head.length))).toBe(head);
		expect(Buffer.compare(decode(bytes) as Uint8Array, payload)).toBe(0);
	});

	test("text of a megabyte becomes a line, characters that pieces would cut whole", async () => {
		const text = "aé€😀".repeat(2 ** 17);
		const { result } = await repair(encode(text, { protocol: 4 }), undefined, { protocol: 0 });
		expect(decode(await readAll(result))).toBe(text);
	});
});
