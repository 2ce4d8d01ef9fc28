import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode, type EncodeOptions, encode } from "../../src/index.ts";
import { pythons } from "../oracles/pythons.ts";
import { frameworkFiles } from "../support/frameworks.ts";
import { notRun } from "../support/notRun.ts";
import { sharedFolder } from "../support/shared.ts";
import { Summary } from "../support/summary.ts";

const folder = sharedFolder("frameworks");
const installed = new Map(pythons().map((python) => [python.name, python.python]));
const summary = new Summary();
let scratch: string;
beforeAll(() => {
	scratch = mkdtempSync(join(tmpdir(), "picklet-generations-"));
});
afterAll(() => {
	rmSync(scratch, { recursive: true });
	summary.print();
});

/** numpy 1.6 knows no other unit than microseconds where it reads or views times, and keeps no gaps of structs. */
const betweenPython2 =
	/^(M8_big_endian|U_2d_big_endian|dtype_(be_M8|struct_aligned)|finfo|m8_generic|poly|(zero_d|scalar)_le_M8|struct_(offsets_gap|field_view|unicode_names)|recarray_view|vectorize)/;

/** From which numpy to which, by which options; and what the newer one makes otherwise, whoever wrote the pickle. */
const ways: readonly (readonly [from: string, to: string, options: EncodeOptions, other: RegExp])[] = [
	["py313-np24", "py311-np126", {}, /^(poly_|finfo|random_(generator|bits)_|random_state_philox)/],
	["py313-np24", "py311-np126", { numpy: 1 }, /^(poly_|finfo)/],
	["py313-np24", "py36-np111", { numpy: 1 }, /^(poly|vectorize|finfo|struct_field_view|U_2d_big_endian)/],
	["py311-np126", "py313-np24", { numpy: 2 }, /^(poly_|finfo|random_(generator|bits)_|random_state_philox)/],
	["py36-np111", "py311-np126", {}, /^(poly|vectorize|finfo|functions|struct_field_view|U_2d_big_endian)/],
	["py27-np116", "py27-np16", { python: 2 }, betweenPython2],
	["py27-np16", "py27-np116", { python: 2 }, betweenPython2],
];

interface Check {
	readonly file: string;
	readonly result: string;
	readonly why: readonly string[];
}

function protocolOf(name: string): 0 | 1 | 2 | 3 | 4 | 5 {
	return Number(/\.p(\d)\.pkl$/.exec(name)?.[1]) as 0;
}

async function different(from: string, to: string, options: EncodeOptions): Promise<readonly Check[]> {
	const target = join(scratch, `${from}-${to}-${options.numpy ?? "both"}`);
	mkdirSync(join(target, "numpy"), { recursive: true });
	const names = new Set([...frameworkFiles(folder as string, to, ["numpy"])].map(({ name }) => name));
	const files = [...frameworkFiles(folder as string, from, ["numpy"])].filter(
		// numpy swaps big-endian arrays up to protocol 4, but not those of protocol 5.
		({ name }) => names.has(name) && protocolOf(name) < 5,
	);
	const isPython2 = options.python === 2;
	for (const file of files) {
		const value = decode(file.data, { floats: "exact", ...(isPython2 && { encoding: "bytes" }) });
		writeFileSync(join(target, file.name), encode(value, { ...options, protocol: protocolOf(file.name) }));
	}
	const report = `${target}.json`;
	const args = [
		join(folder as string, "check.py"),
		"check",
		join(folder as string, to),
		target,
		"--family",
		"numpy",
		"--present",
		"--json",
		report,
	];
	const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", OPENBLAS_NUM_THREADS: "1" };
	await promisify(execFile)(installed.get(to) as string, args, { env }).catch(() => undefined);
	const checks = (JSON.parse(readFileSync(report, "utf8")) as Check[]).filter(
		({ result }) => !/^(pass|missing)$/.test(result),
	);
	const bad = new Set(checks.map(({ file }) => file));
	for (const { name } of files)
		summary.count(`${from} to ${to} ${JSON.stringify(options)}`, bad.has(name) ? "different" : "equal");
	return checks;
}

describe.skipIf(folder === undefined)("what one numpy wrote, written for another, is what that makes itself", () => {
	it.each(ways)(
		"%s to %s, %j",
		async (from, to, options, other) => {
			if (!installed.has(to)) return notRun(`pickles of ${from} written for ${to}, which is not installed`);
			const found = await different(from, to, options);
			const wrong = found.filter(({ file }) => !other.test(file.replace("numpy/", "")));
			expect(wrong.map(({ file, why }) => `${file} ${why.join("; ").slice(0, 200)}`)).toEqual([]);
		},
		60_000,
	);
});
