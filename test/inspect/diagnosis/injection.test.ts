import { afterAll, describe, expect, test } from "vitest";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import type { Mend, Transform } from "../../../src/inspect/diagnosis/diagnosis.ts";
import { type Injection, injections } from "../../support/inject/faults.ts";
import { counts, drawFiles, FILES, filesFor, flat, isFull, isHuge, PLACES, SEED } from "../../support/inject/files.ts";
import { concat } from "../../support/inject/instructions.ts";
import { Random } from "../../support/random.ts";
import { SparseSource } from "../../support/sparseSource.ts";

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
	const from = isWhole ? drawFiles(PLACES) : filesFor(inject);
	const perFile = isWhole ? 1 : isFull ? PLACES : PLACES / FILES;
	let places = 0;
	for (const file of from) {
		for (let i = 0; i < perFile; i++) {
			const parts = inject(file.data, random, file.protocol);
			if (parts === undefined) continue;
			places++;
			const huge = isHuge(parts);
			const bytes = huge ? new Uint8Array(0) : flat(parts);
			if (!huge && (Buffer.compare(bytes, file.data) === 0 || !counts(bytes, file))) continue;
			const { faults } = await diagnose(huge ? new SparseSource(...parts) : bytes);
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
		for (const file of drawFiles(FILES)) {
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
		"cr-to-lf": (text) => Buffer.from(text.toString("latin1").replaceAll("\r", "\n"), "latin1"),
		"utf8-to-latin1": (text) => Buffer.from(text.toString("utf8"), "latin1"),
		"utf8-to-cp1252": (text) => Buffer.from([...text.toString("utf8")].map((char) => windows.indexOf(char))),
	};
	return mend.steps.reduce<Uint8Array>((text, step) => steps[step](Buffer.from(text)), bytes);
}

const windows = new TextDecoder("windows-1252").decode(Uint8Array.from({ length: 256 }, (_, i) => i));
