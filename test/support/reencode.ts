import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DecodeOptions, decodeAll, type EncodeOptions, encode, type PyValue } from "../../src/index.ts";
import { runPython } from "./pythonRun.ts";
import { repository } from "./repository.ts";
import { opcodesIn } from "./scan.ts";

/** What keeps all that can be kept. */
export const lossless: DecodeOptions = { floats: "exact", encoding: "bytes" };

/** Encodes a value with its memory out of band, and writes the buffers as check.py finds them beside a pickle. */
export function encodeOutOfBand(value: PyValue, options: EncodeOptions, path: string): Uint8Array {
	let buffers = 0;
	const onBuffer = (buffer: Uint8Array) => write(`${path}.buf${buffers++}`, buffer);
	return encode(value, { ...options, onBuffer });
}

/** Writes a file into a folder that may have to be made. */
export function write(path: string, data: Uint8Array): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, data);
}

/** The first so many pickles of a file decoded and encoded again, as what wrote them would. @throws PickleError */
export function reencoded(data: Uint8Array, count: number, impliedProtocol: number): Uint8Array {
	const written: Uint8Array[] = [];
	for (const value of decodeAll(data, { ...lossless, keepMemo: true })) {
		written.push(encode(value, writerOf(data, impliedProtocol)));
		if (written.length === count) break;
	}
	return Buffer.concat(written);
}

/** The options that write as the writer of a pickle did: only Python 2 has the opcodes of str. */
function writerOf(data: Uint8Array, impliedProtocol: number): EncodeOptions {
	const protocol = (data[0] === 0x80 && (data[1] as number) <= 5 ? data[1] : impliedProtocol) as 0;
	const isPython2 = protocol <= 2 && [...opcodesIn(data)].some((name) => name.endsWith("STRING"));
	return { protocol, python: isPython2 ? 2 : 3, numpy: Buffer.from(data).includes("numpy._core") ? 2 : 1 };
}

/** A request of reencode.py. */
export interface Pair {
	readonly name: string;
	readonly before: string;
	readonly after: string;
	/** Pickles in the file. */
	readonly count: number;
}

/** The pairs that differ, with stubs for classes, as Python loads both: `name: what differs`. */
export async function differingPairs(python: string, pairs: readonly Pair[]): Promise<Map<string, readonly string[]>> {
	const requests = pairs.map((pair) => ({ ...pair, encodings: ["bytes", "latin1"] }));
	const program = join(repository, "test/conformance/reencode.py");
	const { output } = await runPython(python, [program], JSON.stringify(requests));
	const answers = JSON.parse(output) as readonly { name: string; unloadable?: string; different?: readonly string[] }[];
	return new Map(
		answers.flatMap(({ name, unloadable, different = [] }) => {
			if (unloadable !== undefined) return [[name, [`does not load: ${unloadable}`]]];
			return different.length > 0 ? [[name, different]] : [];
		}),
	);
}

/** What check.py of the shared frameworks says of the files in a folder that it does not find equal, by the file's name. */
export async function failingChecks(
	python: string,
	frameworks: string,
	environment: string,
	folder: string,
	families: readonly string[],
): Promise<Map<string, string>> {
	const details = `${folder}.json`;
	const args = ["check", join(frameworks, environment), folder, "--present", "--json", details];
	await runPython(python, [
		join(frameworks, "check.py"),
		...args,
		...families.flatMap((family) => ["--family", family]),
	]);
	const found = JSON.parse(readFileSync(details, "utf8")) as readonly { file: string; result: string; why: string[] }[];
	const failing = found.filter(({ result }) => result !== "pass" && result !== "missing");
	return new Map(failing.map(({ file, result, why }) => [file, `${result}: ${why.join("; ").slice(0, 300)}`]));
}
