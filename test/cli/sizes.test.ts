import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	statSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ProgressLine } from "../../src/cli/progress.ts";
import { DType, LazyNDArray, NDArray, PyLazyBytes } from "../../src/index.ts";
import { openNpz, writeNpy, writeNpz } from "../../src/numpy/index.ts";
import { npyHeader } from "../../src/numpy/npy-header.ts";
import { built, runFolder } from "../support/built.ts";
import { repository } from "../support/repository.ts";
import { sparseSource } from "../support/sparse.ts";
import { writeSparse } from "../support/sparseFile.ts";

const folder = join(runFolder(), "sizes");
const at = (name: string) => join(folder, name);

const lazy = (size: number, kind: PyLazyBytes["kind"] = "bytes") => new PyLazyBytes(sparseSource(size), 0, size, kind);
const array = (items: number, shape: readonly number[]) =>
	new LazyNDArray(lazy(8 * items), DType.of("<f8"), shape, "C");

beforeAll(() => {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(runFolder(), "package.json"), readFileSync(join(repository, "package.json")));
	writeSparse(at("big.pkl"), array(1e9, [100_000, 200, 50]));
	writeSparse(at("dict.pkl"), { name: "x", a: array(1e7, [1e7]), raw: lazy(1e9), text: lazy(5e9, "text") });
});
afterAll(() => {
	for (const name of ["big.pkl", "big.npy"]) truncateSync(at(name));
});

/** A file of what is given and then holes. */
function writeHollow(path: string, bytes: Uint8Array, size: number): void {
	writeFileSync(path, bytes);
	truncateSync(path, size);
}

function picklet(...args: string[]) {
	const { status, stdout, stderr } = spawnSync(process.execPath, [built("cli/main.js"), ...args], { encoding: "utf8" });
	return { status, stdout, stderr };
}

describe("show of a file that no memory holds", () => {
	test("says what lies there", () => {
		const stdout = "array(<not read>, shape=(100000, 200, 50), dtype=float64)\n";
		expect(picklet("show", at("big.pkl"))).toEqual({ status: 0, stdout, stderr: "" });
		const dict = picklet("show", at("dict.pkl")).stdout;
		expect(dict).toContain("'a': array(<not read>, shape=(10000000,), dtype=float64)");
		expect(dict).toContain("'raw': <bytes of 1,000,000,000 bytes>");
		expect(dict).toContain("'text': <str of 5,000,000,000 bytes>");
	});

	test("--values shows where arrays begin", () => {
		const { status, stdout } = picklet("show", "--values", at("big.pkl"));
		expect(status).toBe(0);
		expect(stdout).toContain("array([[[0.0, 0.0, 0.0,");
		expect(stdout).toContain("... 99,998 more], shape=(100000, 200, 50), dtype=float64)");
		expect(picklet("show", "--values", at("dict.pkl")).stdout).toMatch(
			/array\(\[0\.0, 0\.0, .*more\],\s+shape=\(10000000,\)/,
		);
	});

	test("says what is wrong with it, and what follows", () => {
		writeSparse(at("rest.pkl"), lazy(1e8));
		const { size } = statSync(at("rest.pkl"));
		writeFileSync(at("rest.pkl"), "PK\x03\x04 and more", { flag: "a" });
		const rest = picklet("show", at("rest.pkl"));
		expect(rest.status).toBe(1);
		expect(rest.stderr).toContain(`what follows the pickle, at offset ${size}, is not another one but a zip archive`);
		const file = openSync(at("none.pkl"), "w");
		writeSync(file, "\x89HDF\r\n\x1a\n", 0, "latin1");
		closeSync(file);
		truncateSync(at("none.pkl"), 1e9);
		expect(picklet("show", at("none.pkl")).stderr).toContain("not a pickle but an HDF5 file");
	});
});

describe("numpy's own files that no memory holds", () => {
	const shape = [100_000, 200, 50] as const;
	const zeros = new NDArray(new Float64Array(2 ** 24), DType.of("<f8"), [2 ** 20, 16]);

	beforeAll(async () => {
		const header = npyHeader(DType.of("<f8"), shape, false);
		writeHollow(at("big.npy"), header, header.length + 8e9);
		writeFileSync(at("packed.npz"), await writeNpz({ zeros, ones: Int8Array.of(1) }, { compress: true }));
	});

	test("are shown by what they say, and what is asked for", () => {
		const stdout = "array(<not read>, shape=(100000, 200, 50), dtype=float64)\n";
		expect(picklet("show", at("big.npy"))).toEqual({ status: 0, stdout, stderr: "" });
		expect(picklet("show", "--values", at("big.npy")).stdout).toContain("array([[[0.0, 0.0, 0.0,");
		const packed = picklet("show", at("packed.npz"));
		expect(packed.stdout).toContain("'zeros': array(<not read>, shape=(1048576, 16), dtype=float64)");
		expect(picklet("show", "--values", at("packed.npz")).stdout).toContain(
			"'ones': array([1], shape=(1,), dtype=int8)",
		);
	});

	test("that are cut are refused at once", () => {
		writeHollow(at("cut.npy"), npyHeader(DType.of("<f8"), shape, false), 1e9);
		expect(picklet("show", at("cut.npy"))).toMatchObject({ status: 1, stderr: expect.stringContaining("ends at") });
	});

	test.each(["packed.pkl", "packed.npy", "again.npz"])("are converted piece by piece to and from %s", async (name) => {
		writeSparse(at("zeros.pkl"), array(2 ** 24, [2 ** 20, 16]));
		const source = name.endsWith(".npy") ? "zeros.pkl" : "packed.npz";
		expect(picklet("convert", "--force", at(source), at(name))).toEqual({ status: 0, stdout: "", stderr: "" });
		expect(picklet("convert", "--force", at(name), at("back.npz"))).toEqual({ status: 0, stdout: "", stderr: "" });
		const back = await openNpz(readFileSync(at("back.npz")));
		const read = await back.get(name.endsWith(".npy") ? "arr_0" : "zeros");
		expect((read as NDArray).shape).toEqual(zeros.shape);
	});

	test("with a damaged member leave nothing behind", async () => {
		const bytes = await writeNpz({ zeros });
		(bytes[2 ** 26] as number) = 1;
		writeFileSync(at("damaged.npz"), bytes);
		expect(picklet("convert", at("damaged.npz"), at("damaged.pkl"))).toMatchObject({
			status: 1,
			stderr: expect.stringContaining("its CRC is wrong"),
		});
		expect(readdirSync(folder).filter((name) => name === "damaged.pkl" || name.endsWith(".tmp"))).toEqual([]);
	});
});

describe("convert of a large file", () => {
	test("copies it piece by piece", () => {
		writeSparse(at("in.pkl"), { a: array(1e7, [1e7]) });
		const { status, stderr } = picklet("convert", "--protocol", "5", at("in.pkl"), at("out.pkl"));
		expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
		expect(statSync(at("out.pkl")).size).toBe(statSync(at("in.pkl")).size);
		expect(picklet("show", at("out.pkl")).stdout).toContain("shape=(10000000,)");
	});

	test("reads what cannot be copied as it is", () => {
		writeSparse(at("in.pkl"), { a: array(9e6, [9e6]) });
		expect(picklet("convert", "--force", "--protocol", "2", at("in.pkl"), at("out.pkl")).status).toBe(0);
		expect(picklet("show", at("out.pkl")).stdout).toContain("shape=(9000000,)");
	});

	test.each(["SIGINT", "SIGTERM"] as const)("that %s ends leaves no file", async (signal) => {
		const target = join(folder, signal);
		mkdirSync(target);
		const child = spawn(process.execPath, [built("cli/main.js"), "convert", at("big.pkl"), join(target, "out.pkl")]);
		let stderr = "";
		child.stderr.on("data", (chunk) => (stderr += chunk));
		while (readdirSync(target).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		child.kill(signal);
		const [status] = await once(child, "close");
		expect(status).not.toBe(0);
		expect(stderr).toContain("interrupted, nothing was written");
		expect(readdirSync(target)).toEqual([]);
		expect(existsSync(at("big.pkl"))).toBe(true);
	});
});

describe("convert of what is packed, or comes by a pipe", () => {
	const data = 2 ** 28;
	const peakOf = new URL("../support/peak.mjs", import.meta.url).href;

	/** What converting gives, and how much memory it took. */
	function convert(input: string, target: string, stdin: Buffer = Buffer.alloc(0)) {
		const args = ["--import", peakOf, built("cli/main.js"), "convert", input, target];
		const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", input: stdin });
		const lines = stderr.trim().split("\n");
		return { status, peak: 1024 * Number(lines.pop()), complaints: lines };
	}

	beforeAll(() => {
		writeSparse(at("inside.pkl"), array(data / 8, [data / 8]));
		const pickle = readFileSync(at("inside.pkl"));
		writeFileSync(at("in.pkl.gz"), gzipSync(pickle, { level: 1 }));
		writeFileSync(at("in.npy.gz"), gzipSync(writeNpy(new Float64Array(data / 8)), { level: 1 }));
	});
	afterAll(() => truncateSync(at("inside.pkl")));

	test.each([
		["in.pkl.gz", "out.npy"],
		["in.pkl.gz", "out.npz"],
		["in.npy.gz", "out.pkl"],
	])("%s to %s takes no memory for the data", (name, out) => {
		const target = join(folder, `of-${name}-${out}`);
		mkdirSync(target);
		const { status, peak, complaints } = convert(at(name), join(target, out));
		expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
		expect(peak).toBeLessThan(data);
		expect(readdirSync(target)).toEqual([out]);
		expect(statSync(join(target, out)).size).toBeGreaterThan(data);
		truncateSync(join(target, out));
	});

	test("standard input, too", () => {
		const { status, peak } = convert("-", at("piped.npy"), readFileSync(at("inside.pkl")));
		expect(status).toBe(0);
		expect(peak).toBeLessThan(data);
		truncateSync(at("piped.npy"));
	});

	test("what is no pickle is named", () => {
		const hollow = Buffer.alloc(2 ** 26 + 1);
		hollow.write("\x89HDF\r\n\x1a\n", "latin1");
		writeFileSync(at("hollow.h5"), hollow);
		writeFileSync(at("hollow.gz"), gzipSync(hollow, { level: 1 }));
		const { complaints } = convert(at("hollow.h5"), at("unmade.pkl"));
		expect(complaints).toEqual([`picklet: ${at("hollow.h5")}: not a pickle but an HDF5 file: h5py reads it`]);
		const packed = convert(at("hollow.gz"), at("unmade.pkl")).complaints;
		expect(packed).toEqual([`picklet: ${at("hollow.gz")}: inside gzip: not a pickle but an HDF5 file: h5py reads it`]);
		truncateSync(at("hollow.h5"));
	});

	test("damage at the end is said, and leaves nothing behind", () => {
		const packed = readFileSync(at("in.pkl.gz"));
		packed.writeUInt32LE(1, packed.length - 8);
		writeFileSync(at("damaged.gz"), packed);
		const target = at("of-damaged");
		mkdirSync(target);
		const { status, complaints } = convert(at("damaged.gz"), join(target, "out.pkl"));
		expect(status).toBe(1);
		expect(complaints).toEqual([expect.stringMatching(/inside gzip: the gzip data is damaged: .* \[E_CONTAINER\]/)]);
		expect(readdirSync(target)).toEqual([]);
	});

	test.each(["SIGINT", "SIGTERM"] as const)("%s in the midst leaves no file", async (signal) => {
		const target = at(`of-${signal}`);
		mkdirSync(target);
		const child = spawn(process.execPath, [built("cli/main.js"), "convert", "-", join(target, "out.pkl")]);
		child.stdin.on("error", () => {});
		// More than is kept in memory and in the pipe.
		await new Promise((resolve) => child.stdin.write(Buffer.alloc(2 ** 25), resolve));
		expect(readdirSync(target)).toEqual([]);
		child.kill(signal);
		const [status, killed] = await once(child, "close");
		expect([status === 0, killed === null ? status : killed]).toEqual([false, signal]);
		expect(readdirSync(target)).toEqual([]);
	});

	test.skipIf(process.platform === "win32").each(["in.pkl.gz", "inside.pkl"])(
		"a disk that takes no more of %s keeps the old file, and nothing else",
		(name) => {
			const target = at(`full-${name}`);
			mkdirSync(target);
			writeFileSync(join(target, "out.npy"), "old");
			const command = `ulimit -f 40000; exec "$@"`;
			const args = [built("cli/main.js"), "convert", "--force", at(name), join(target, "out.npy")];
			const { status, stderr } = spawnSync("sh", ["-c", command, "sh", process.execPath, ...args], {
				encoding: "utf8",
			});
			expect({ status, stderr }).toEqual({
				status: 1,
				stderr: expect.stringMatching(/^picklet: \S+out\.npy: cannot write: .*too large.*\n$/),
			});
			expect(readdirSync(target)).toEqual(["out.npy"]);
			expect(readFileSync(join(target, "out.npy"), "utf8")).toBe("old");
		},
	);

	test("a missing directory is said as ever", () => {
		const { status, complaints } = convert(at("in.pkl.gz"), at("none/out.pkl"));
		expect(status).toBe(1);
		expect(complaints).toEqual([`picklet: ${at("none/out.pkl")}: cannot write: there is no such directory`]);
	});
});

describe("the line that tells how far it came", () => {
	test("comes after a while, at most ten times a second, and goes at the end", () => {
		vi.useFakeTimers({ now: 0 });
		const shown: string[] = [];
		const line = new ProgressLine({ showProgress: (text: string) => void shown.push(text) } as never, "read");
		for (const [now, done] of [
			[50, 1e6],
			[120, 2e9],
			[180, 3e9],
			[300, 4e9],
		] as const) {
			vi.setSystemTime(now);
			line.update(done, 8e9);
		}
		vi.setSystemTime(900);
		line.update(5e9);
		line.end();
		vi.useRealTimers();
		expect(shown).toEqual([
			"[#####               ] 25% 2,000 MB read",
			"[##########          ] 50% 4,000 MB read",
			"5,000 MB read",
			"",
		]);
	});

	test("is not there where nobody looks on", () => {
		const line = new ProgressLine({} as never, "read");
		expect(() => line.update(1, 2)).not.toThrow();
		expect(() => line.end()).not.toThrow();
	});
});
