import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/index.ts";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import type { FaultCode } from "../../../src/inspect/diagnosis/diagnosis.ts";
import { layersOf } from "../../../src/inspect/diagnosis/python.ts";
import { assemble, uint2, uint4 } from "../../support/assemble.ts";
import { zip } from "../../support/zip.ts";

const pickle = encode({ a: [1, 2.5, "text"], b: new Uint8Array(300) });
const cut = pickle.subarray(0, 200);

const npyHeader = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }\n";
const objectHeader = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n";
const npy = (header: string, data: Uint8Array) => assemble("\x93NUMPY\x01\0", uint2(header.length), header, data);
const utf16 = (text: string) =>
	assemble(
		"\xff\xfe",
		[...text].map((char) => `${char}\0`),
	);

const textMode = (bytes: Uint8Array) =>
	Uint8Array.from([...bytes].flatMap((byte) => (byte === 10 ? [13, 10] : [byte])));
const asUtf8 = (bytes: Uint8Array) => new TextEncoder().encode(String.fromCharCode(...bytes));

/** One byte is another; its place is counted from the end. */
function changed(bytes: Uint8Array, place: number): Uint8Array {
	return bytes.map((byte, i) => (i === bytes.length + place ? byte ^ 0xff : byte));
}

/** Packed so that text mode changes it: a pickle of bytes that differ until there is an LF. */
function withLineFeed(pack: (bytes: Uint8Array) => Uint8Array): Uint8Array {
	for (let i = 0; ; i++) {
		const packed = pack(encode(["some text", i]));
		if (packed.includes(10) && !packed.includes(13)) return packed;
	}
}

/** Bytes are gone between the members and the directory. */
function moved(archive: Uint8Array): Uint8Array {
	const bytes = archive.slice();
	bytes.set(bytes.subarray(0, 40), 10);
	bytes.fill(1, 0, 4);
	bytes.set([0x50, 0x4b, 3, 4], 0);
	const directory = Buffer.from(bytes).indexOf("PK\x01\x02");
	bytes.set(uint4(7), directory + 42);
	return bytes;
}

const torch = { "archive/version": assemble("3\n") };
const array = new Uint8Array(8);

/** What is told from the content; the faults of all layers; what lies inside. */
const table: readonly (readonly [
	name: string,
	bytes: Uint8Array,
	format: RegExp,
	faults: readonly FaultCode[],
	inside?: RegExp,
])[] = [
	["a pickle", pickle, /^a pickle of protocol 4$/, []],
	["several pickles", assemble(pickle, pickle), /^2 pickles of protocol 4$/, []],
	["gzip", gzipSync(pickle), /^gzip data$/, [], /^a pickle/],
	["gzip of a cut pickle", gzipSync(cut), /^gzip data$/, ["truncated"], /^a pickle/],
	["gzip, cut", gzipSync(pickle).subarray(0, -10), /^gzip data$/, ["container", "truncated"], /^a pickle/],
	["gzip without its checksum", gzipSync(pickle).subarray(0, -8), /^gzip data$/, ["container"], /^a pickle/],
	["gzip with a wrong checksum", changed(gzipSync(pickle), -6), /^gzip data$/, ["container"], /^a pickle/],
	["gzip and other bytes", assemble(gzipSync(pickle), "and more"), /^gzip data$/, ["container"], /^a pickle/],
	["gzip in gzip", gzipSync(gzipSync(cut)), /^gzip data$/, ["truncated"], /^gzip data$/],
	["gzip in text mode", textMode(withLineFeed(gzipSync)), /^gzip data with line ends/, ["crlf"], /^gzip data$/],
	["gzip as UTF-8", asUtf8(gzipSync(pickle)), /^gzip data re-encoded/, ["utf8"], /^gzip data$/],
	["zlib", deflateSync(pickle), /^zlib data$/, [], /^a pickle/],
	[
		"an old joblib's frame",
		assemble("ZF", "0x1ab".padEnd(19), new Uint8Array(deflateSync(pickle))),
		/old joblib/,
		[],
		/^a pickle/,
	],
	["bzip2, damaged", assemble("BZh91AY&SY", new Uint8Array(20)), /^bzip2 data$/, ["container"]],
	["xz, damaged", assemble("\xfd7zXZ\0", new Uint8Array(20)), /^xz data$/, ["container"]],
	["zstd, damaged", assemble("\x28\xb5\x2f\xfd", new Uint8Array(20)), /^zstandard data$/, ["container"]],
	["lz4, damaged", assemble("\x04\x22M\x18", new Uint8Array(20)), /^lz4 data$/, ["container"]],
	["torch", zip({ ...torch, "archive/data.pkl": pickle, "archive/data/0": array }), /torch\.save/, [], /^a pickle/],
	["torch with a cut pickle", zip({ ...torch, "archive/data.pkl": cut }), /torch\.save/, ["truncated"], /^a pickle/],
	["a zip of data.pkl", zip({ "data.pkl": pickle }), /^a zip archive$/, [], /^a pickle/],
	["a zip of two pickles", zip({ "a.pkl": pickle, "b.pkl": pickle }), /^a zip archive$/, [], /^the member a\.pkl$/],
	[
		"a zip of two pickles, one cut",
		zip({ "a.pkl": pickle, "b.pkl": cut }, true),
		/^a zip archive$/,
		["truncated"],
		/^the member b\.pkl$/,
	],
	["a zip of text and noise", zip({ "a.txt": assemble("some words of text"), "b.bin": array }), /^a zip archive$/, []],
	[
		"an npz with a cut array",
		zip({ "a.npy": npy(npyHeader, array), "b.npy": npy(objectHeader, cut) }),
		/npz/,
		["truncated"],
		/^the member a\.npy$/,
	],
	[
		"npz of whole arrays",
		zip({ "a.npy": npy(npyHeader, new Uint8Array(96)), "b.npy": npy(npyHeader, new Uint8Array(96)) }),
		/npz/,
		[],
	],
	["skops", zip({ "schema.json": assemble("{}"), "0.npy": npy(npyHeader, new Uint8Array(96)) }), /skops/, []],
	["a zip of one pickle", zip({ "x.pkl": pickle }, true), /^a zip archive$/, [], /^a pickle/],
	["a zip, cut", zip({ "x.pkl": pickle }).subarray(0, 300), /^a zip archive$/, ["container"]],
	["npy", npy(npyHeader, new Uint8Array(96)), /\.npy/, []],
	["npy in text mode", textMode(npy(npyHeader, new Uint8Array(96))), /\.npy file with line ends/, ["crlf"], /\.npy/],
	[
		"a zip in text mode",
		textMode(zip({ "y\nx.pkl": pickle })),
		/zip archive with line ends/,
		["crlf"],
		/^a zip archive$/,
	],
	["a zip whose members moved", moved(zip({ "x.pkl": pickle })), /^a zip archive$/, ["container"]],
	["npy, cut", npy(npyHeader, new Uint8Array(90)), /\.npy/, ["truncated"]],
	["npy of objects", npy(objectHeader, pickle), /\.npy/, [], /^a pickle/],
	["HDF5", assemble("\x89HDF\r\n\x1a\n", new Uint8Array(20)), /HDF5/, []],
	["Parquet", assemble("PAR1\x15\x04\x15", new Uint8Array(20)), /Parquet/, []],
	["Arrow", assemble("ARROW1\0\0", new Uint8Array(20)), /Arrow/, []],
	[".pyc", assemble("\xcb\r\r\n", new Uint8Array(12), "\xe3\0\0\0\0"), /compiled Python/, []],
	["JSON", assemble('{"a": [1, 2]}'), /JSON/, []],
	["HTML", assemble("<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"), /HTML/, ["not-a-pickle"]],
	[
		"a git LFS pointer",
		assemble("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 12\n"),
		/LFS/,
		["not-a-pickle"],
	],
	["an error text", assemble("Error: the requested resource could not be found.\n"), /error/, ["not-a-pickle"]],
	["zeros", new Uint8Array(64), /zero bytes/, ["not-a-pickle"]],
	["nothing", new Uint8Array(0), /empty/, ["empty"]],
	["base64", assemble(Buffer.from(pickle).toString("base64")), /base64/, ["transport-text"], /^a pickle/],
	[
		"base64 of a cut pickle",
		assemble(Buffer.from(cut).toString("base64")),
		/base64/,
		["transport-text", "truncated"],
		/^a pickle/,
	],
	["hex", assemble(Buffer.from(pickle).toString("hex")), /hex/, ["transport-text"], /^a pickle/],
	[
		"repr",
		assemble(`b'${[...pickle].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'`),
		/repr/,
		["transport-text"],
		/^a pickle/,
	],
	["UTF-16", utf16(String.fromCharCode(...pickle)), /UTF-16/, ["transport-text"], /^a pickle/],
	["a pickle of a pickle", encode(pickle), /^a pickle/, ["double"]],
];

const rows = table.map(([name, bytes, format, faults, inside]) => ({ name, bytes, format, faults, inside }));

describe("formats", () => {
	test.each(rows)("$name", async ({ bytes, format, faults, inside }) => {
		const found = await diagnose(bytes);
		expect(found.format.name).toMatch(format);
		expect(layersOf(found).flatMap((each) => each.faults.map(({ code }) => code))).toEqual(faults);
		if (inside) expect(found.inside?.format.name).toMatch(inside);
		else expect(found.inside).toBeUndefined();
	});

	test("what follows packed data is no damage to them", async () => {
		const { data, faults } = await diagnose(assemble(gzipSync(pickle), "and more"));
		expect(data).toBe("whole");
		expect(faults[0]?.title).toBe("Other bytes follow the gzip data.");
	});

	test("a source without a size is read to its end", async () => {
		const source = {
			size: undefined,
			read: async (into: Uint8Array, offset: number) => {
				const part = pickle.subarray(offset, offset + into.length);
				into.set(part);
				return part.length;
			},
		};
		expect(await diagnose(source)).toMatchObject({ size: pickle.length, faults: [] });
	});

	test("what is packed without end is a limit, not a hang", async () => {
		const bomb = gzipSync(new Uint8Array(20_000_000));
		const { faults } = await diagnose(bomb, { limits: { maxRatio: 100 } });
		expect(faults).toMatchObject([{ code: "container", evidence: expect.stringContaining("maxRatio") }]);
	});

	test("what is no source is a TypeError", async () => {
		await expect(diagnose("file.pkl" as never)).rejects.toThrow(TypeError);
	});
});
