import { expect, it } from "vitest";
import { decodeFirst, isPickleError, type PyValue } from "../../src/index.ts";
import { pyodide } from "../oracles/pyodide.ts";
import { compareTags } from "../support/compareTags.ts";
import { describe as describeValue } from "../support/describe.ts";
import { decodeOutcome, outcomeText, streamOutcome } from "../support/hostile/outcome.ts";
import { RandomPrograms } from "../support/randomPrograms.ts";

const PROGRAMS = 6000;
const SEED = 1;

/** Differences that say nothing: of the judge, and of what no pickle does. */
const meaningless: readonly RegExp[] = [
	// The judge's stubs are real classes: a state for one calls an unbound method.
	/Inert\.__setstate__\(\) missing/,
	// Python lets SETITEM replace an item of a list.
	/E_TYPE: a list takes no entries/,
	// An empty state for a class itself.
	/E_TYPE: the class or function .* takes no state/,
	// Members of sets, which have no order, are paired wrongly where inert objects are alike.
	/\$\S*\{\}/,
	// What a persistent id stands for may take a state in Python, and is not known here.
	/E_TYPE: a PyPersistent takes no/,
	// What an unknown call or a persistent id gives may be a class; in the judge it never is.
	/NEWOBJ(_EX)? class argument must be a type, not (Stub|Persistent)|'Persistent' object is not callable/,
];

function read(bytes: Uint8Array): { readonly value: PyValue } | { readonly error: string } {
	try {
		return { value: decodeFirst(bytes, { floats: "exact", encoding: "ascii" }).value };
	} catch (error) {
		if (isPickleError(error)) return { error: `${error.code}: ${error.reason}` };
		throw error;
	}
}

it("programs of random instructions give what CPython in pyodide makes of them, or are refused as there", async () => {
	const judge = await pyodide();
	const programs = new RandomPrograms(SEED);
	const differing: string[] = [];
	let accepted = 0;
	for (let i = 0; i < PROGRAMS; i++) {
		const bytes = programs.next();
		const mine = read(bytes);
		const theirs = await judge.loads(bytes, { encoding: "ASCII" });
		if ("error" in mine !== (theirs.error !== undefined)) {
			const error = "error" in mine ? mine.error : "accepted";
			differing.push(`${show(bytes)}: ${error}, Python: ${theirs.error ?? "accepted"}`);
		}
		if ("error" in mine || theirs.value === undefined) continue;
		accepted++;
		const found = compareTags(describeValue(mine.value), theirs.value, { encoding: "ascii" });
		if (found.length > 0) differing.push(`${show(bytes)}: ${found[0]}`);
	}
	expect(differing.filter((text) => !meaningless.some((pattern) => pattern.test(text)))).toEqual([]);
	expect(differing.length).toBeLessThan(PROGRAMS / 100);
	expect(accepted).toBeGreaterThan(PROGRAMS / 10);
}, 120_000);

it("programs of random instructions give the same from a stream, whole or cut", async () => {
	const programs = new RandomPrograms(SEED + 1);
	for (let i = 0; i < PROGRAMS; i++) {
		const whole = programs.next();
		for (const bytes of [whole, whole.subarray(0, (i * 7919) % whole.length)]) {
			const streamed = await streamOutcome("decodeFirst", bytes, 1 + (i % 3));
			expect(outcomeText(streamed), show(bytes)).toBe(outcomeText(decodeOutcome("decodeFirst", bytes)));
		}
	}
}, 60_000);

function show(bytes: Uint8Array): string {
	return JSON.stringify(Buffer.from(bytes).toString("latin1"));
}
