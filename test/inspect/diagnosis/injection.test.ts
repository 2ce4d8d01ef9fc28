import { afterAll, describe, expect, test } from "vitest";
import { decodeAll, encode } from "../../../src/index.ts";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import type { Mend, Transform } from "../../../src/inspect/diagnosis/diagnosis.ts";
import { type CorpusFile, corpusFiles, decodeOptionsFor } from "../../support/corpus.ts";
import { type Injection, injections } from "../../support/inject/faults.ts";
import { concat } from "../../support/inject/instructions.ts";
import { Random } from "../../support/random.ts";
import { SparseSource } from "../../support/sparseSource.ts";

const SEED = 20_260_101;
const FILES = 50;
/** Places of each fault over all files; with PICKLET_INJECT=all, in each file. */
const PLACES = 200;
const isFull = process.env["PICKLET_INJECT"] === "all";

/** Whole files of one pickle, a case at each protocol at most, drawn from the seed. */
const whole = corpusFiles().filter(
	({ data, expected }) =>
		expected.error === undefined && expected.value !== undefined && data.length < 40_000 && data.length > 3,
);

function drawFiles(from: readonly CorpusFile[], count: number): CorpusFile[] {
	const random = new Random(SEED);
	const rest = [...from];
	return Array.from({ length: count }, () => rest.splice(random.int(0, rest.length), 1)[0] as CorpusFile);
}

/** The first files, in the order drawn, that have a place for a fault. */
function filesFor(inject: Injection["inject"]): CorpusFile[] {
	const random = new Random(SEED);
	const drawn = drawFiles(whole, whole.length);
	return drawn.filter(({ data, protocol }) => inject(data, random, protocol) !== undefined).slice(0, FILES);
}

/** Whether no CPython writes these bytes: they do not decode, or what they decode to encodes to others where the file's own do not. */
function counts(damaged: Uint8Array, file: CorpusFile): boolean {
	try {
		const values = [...decodeAll(damaged, decodeOptionsFor(file))];
		return values.length !== 1 || (encodesTo(file.data, file) && !encodesTo(damaged, file));
	} catch {
		return true;
	}
}

function encodesTo(bytes: Uint8Array, file: CorpusFile): boolean {
	try {
		const [value] = decodeAll(bytes, decodeOptionsFor(file));
		const again = encode(value as never, { protocol: file.protocol as 2, ...(file.python2 && { python: 2 }) });
		return Buffer.compare(again, bytes) === 0;
	} catch {
		return false;
	}
}

interface Tally {
	counted: number;
	named: number;
	others: Record<string, number>;
}

const table: Record<string, { places: number; counted: number; named: string; instead: string }> = {};
afterAll(() => console.table(table));

async function tally({ name, code, inject, whole: isWhole }: Injection): Promise<Tally> {
	const random = new Random(SEED ^ name.length);
	const result: Tally = { counted: 0, named: 0, others: {} };
	// What all bytes have, each file has once: more files instead of more places.
	const from = isWhole ? drawFiles(whole, PLACES) : filesFor(inject);
	const perFile = isWhole ? 1 : isFull ? PLACES : PLACES / FILES;
	let places = 0;
	for (const file of from) {
		for (let i = 0; i < perFile; i++) {
			const parts = inject(file.data, random, file.protocol);
			if (parts === undefined) continue;
			places++;
			const isHuge = parts.some((part) => typeof part === "number" && part > 1e6);
			const bytes = isHuge ? new Uint8Array(0) : flat(parts);
			if (!isHuge && (Buffer.compare(bytes, file.data) === 0 || !counts(bytes, file))) continue;
			const { faults } = await diagnose(isHuge ? new SparseSource(...parts) : bytes);
			const first = faults[0]?.code ?? "none";
			result.counted++;
			if (first === code) result.named++;
			else result.others[first] = (result.others[first] ?? 0) + 1;
			if (first !== code && process.env["PICKLET_INJECT"] === "show") {
				console.log(
					name,
					file.path,
					first,
					JSON.stringify(faults[0]?.evidence),
					Buffer.from(bytes.subarray(0, 160))
						.toString("latin1")
						.replace(/[^ -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`),
					bytes.length,
				);
			}
		}
	}
	const percent = ((100 * result.named) / result.counted).toFixed(1);
	const instead = Object.entries(result.others).map(([other, count]) => `${other} ${count}`);
	table[name] = {
		places,
		counted: result.counted,
		named: `${result.named} (${percent} %)`,
		instead: instead.join(", "),
	};
	return result;
}

function flat(parts: readonly (Uint8Array | number)[]): Uint8Array {
	return concat(...parts.map((part) => (typeof part === "number" ? new Uint8Array(part) : part)));
}

describe("a fault put into whole files is named first", () => {
	test.each(injections)("$name: $code", { timeout: 600_000 }, async (injection) => {
		const { counted, named } = await tally(injection);
		expect(counted).toBeGreaterThan(20);
		expect(named / counted).toBeGreaterThanOrEqual(0.95);
	});
});

describe("what undoes a fault gives back the file", () => {
	const mended = injections.filter(({ code }) => ["crlf", "utf8", "bom", "leading", "padding"].includes(code));
	test.each(mended)("$name", async ({ inject }) => {
		const random = new Random(SEED);
		let undone = 0;
		for (const file of drawFiles(whole, FILES)) {
			const damaged = flat(inject(file.data, random, file.protocol) ?? []);
			const [fault] = (await diagnose(damaged)).faults;
			if (fault?.mend === undefined) continue;
			undone++;
			expect(Buffer.from(apply(damaged, fault.mend)).equals(file.data), file.path).toBe(true);
		}
		expect(undone).toBeGreaterThan(20);
	});
});

/** A mend done by other means than the library's. */
function apply(bytes: Uint8Array, mend: Mend): Uint8Array {
	if (mend.kind === "remove") return concat(bytes.subarray(0, mend.offset), bytes.subarray(mend.offset + mend.length));
	if (mend.kind !== "transform") throw new Error(mend.kind);
	const steps: Readonly<Record<Transform, (text: Buffer) => Uint8Array>> = {
		"strip-bom": (text) => text.subarray(3),
		"crlf-to-lf": (text) => Buffer.from(text.toString("latin1").replaceAll("\r\n", "\n"), "latin1"),
		"utf8-to-latin1": (text) => Buffer.from(text.toString("utf8"), "latin1"),
		"utf8-to-cp1252": (text) => Buffer.from([...text.toString("utf8")].map((char) => windows.indexOf(char))),
	};
	return mend.steps.reduce<Uint8Array>((text, step) => steps[step](Buffer.from(text)), bytes);
}

const windows = new TextDecoder("windows-1252").decode(Uint8Array.from({ length: 256 }, (_, i) => i));
