import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decode, decodeFirst, PyDict, type PyGlobal, PyObject, type PyValue } from "../../src/index.ts";
import { BoundedProcess } from "../support/bounded.ts";
import {
	type ContainerCase,
	containerCases,
	type HostileCase,
	hostileCases,
	isDue,
	picklesOf,
	pythonOutcome,
} from "../support/hostile/cases.ts";
import { decodeOutcome, type Outcome } from "../support/hostile/outcome.ts";
import type { Printed } from "../support/hostile/printing.ts";
import type { Answer, Request } from "../support/hostile/process.ts";
import { pythonRepr } from "../support/pythonRepr.ts";
import { repository } from "../support/repository.ts";
import { sharedFolder } from "../support/shared.ts";

const folder = sharedFolder("hostile");
const cases = folder ? hostileCases(folder) : [];
const containers = folder ? containerCases(folder) : [];
const MEGABYTES = 512;

/** Where the index gives another offset than that of the failing opcode, which is design.md's contract. */
const offsets: Readonly<Record<string, readonly [offset: number, why: string]>> = {
	"unhashable-key": [6, "the SETITEM that the key fails in; the index names the BININT1 before it"],
	"multi-memo-leak": [17, "the BINGET; the index names where the second pickle starts"],
};

/** Cases of which no Python was asked, with what CPython's source says. */
const unjudged: Readonly<Record<string, boolean>> = { "int-text-octal": true, "utf8-truncated": false };

const processes = folder
	? [1, 2].map(() => new BoundedProcess<Request, Answer>(join(repository, "test/support/hostile/process.ts")))
	: [];
const [first] = processes as [BoundedProcess<Request, Answer>];

afterAll(() => {
	for (const process of processes) process.stop();
});

/** Whether the case may be accepted, and whether it may be refused. */
function allowed(hostile: HostileCase): { readonly value: boolean; readonly error: boolean } {
	const { name, outcome } = hostile;
	switch (outcome) {
		case "accept":
		case "accept-decode/limit-on-print":
			return { value: true, error: false };
		case "reject":
		case "reject-if-reducer-registered-else-opaque":
			return { value: !isDue(hostile), error: true };
		case "oracle": {
			const value = unjudged[name] ?? (pythonOutcome(hostile)?.ok as boolean);
			return { value, error: !value };
		}
		default:
			return { value: true, error: true };
	}
}

function expectError(
	{ name, errorCode, errorOffset, limitOption }: HostileCase,
	{ code, offset, limit, message }: Outcome,
): void {
	if (errorCode !== undefined) expect(code).toBe(errorCode);
	if (errorOffset !== undefined) expect(offset).toBe(offsets[name]?.[0] ?? errorOffset);
	if (code === "E_LIMIT") expect(limit).toBe(limitOption?.match(/^max\w+$/)?.[0] ?? limit);
	expect(message?.length).toBeLessThan(500);
	expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
}

/** Printing stops by itself, and nothing in it can steer a terminal. */
function expectBounded({ lines, characters, controls }: Printed): void {
	expect(lines).toBeLessThan(1500);
	expect(characters).toBeLessThan(200_000);
	expect(controls).toBe(0);
}

/** What holds for any input. */
function complaints({ outcome, failures, polluted, megabytes }: Answer): readonly string[] {
	const foreign = outcome?.foreign === undefined ? [] : [outcome.foreign];
	const heavy = megabytes < MEGABYTES ? [] : [`${megabytes} MB`];
	return [...foreign, ...(outcome?.strangers ?? []), ...failures, ...polluted, ...heavy];
}

/** Asks all processes, each as soon as it is free; what went wrong, by file. */
async function ask(
	requests: readonly Request[],
): Promise<{ readonly decodes: number; readonly complaints: readonly string[] }> {
	const found: string[] = [];
	let [decodes, next] = [0, 0];
	const work = async (process: BoundedProcess<Request, Answer>) => {
		while (next < requests.length) {
			const request = requests[next++] as Request;
			const answer = await process.ask(request).catch((error: Error) => error.message);
			if (typeof answer !== "string") decodes += answer.decodes;
			const all = typeof answer === "string" ? [answer] : complaints(answer);
			found.push(...all.map((complaint) => `${basename(request.file)}: ${complaint}`));
		}
	};
	await Promise.all(processes.map(work));
	return { decodes, complaints: found };
}

/** Characters beyond the BMP, which the index wrote as escapes, also those whose halves Python keeps apart. */
function withCharacters(repr: string): string {
	const code = (hex: string) => String.fromCodePoint(Number.parseInt(hex, 16));
	const whole = repr.replaceAll(/\\U(000[\da-e][\da-f]{4})/g, (_, hex) => code(hex));
	return whole.replaceAll(/\\u(d[89ab]..)\\u(d[c-f]..)/g, (_, high, low) => code(high) + code(low));
}

function bytesOf(name: string): Uint8Array {
	return readFileSync(join(folder as string, `${name}.pkl`));
}

function value(name: string): PyValue {
	return decodeFirst(bytesOf(name)).value;
}

describe.skipIf(folder === undefined)("each hostile pickle", () => {
	it.each(cases)("$name: $outcome", async (hostile) => {
		const { name, file, call, outcome: wanted, errorCode } = hostile;
		const answer = await first.ask({ task: "decode", file, call });
		const { outcome, printed } = answer;
		expect(complaints(answer)).toEqual([]);
		const { value: mayAccept, error: mayRefuse } = allowed(hostile);
		expect(outcome?.code === undefined ? mayAccept : mayRefuse, `${name}: ${JSON.stringify(outcome)}`).toBe(true);
		if (outcome?.code !== undefined) expectError(hostile, outcome);
		if (printed) expectBounded(printed);
		if (wanted === "accept-decode/limit-on-print") expect(printed?.plainCode).toBe(errorCode);
	});

	const judged = cases.filter((hostile) => hostile.outcome === "oracle" && pythonOutcome(hostile)?.ok);
	it.each(judged)("$name has the value that Python reads", (hostile) => {
		const read = decodeFirst(readFileSync(hostile.file), { floats: "exact" }).value;
		const { value: wanted = "" } = pythonOutcome(hostile) ?? {};
		expect(pythonRepr(read)).toBe(withCharacters(wanted));
	});

	it("keeps floats from being lengths also where they are told apart from ints", () => {
		expect(() => decode(bytesOf("numpy-shape-float"), { floats: "exact" })).toThrow(
			expect.objectContaining({ code: "E_REDUCER" }),
		);
	});
});

describe.skipIf(folder === undefined)("names that mean something to JavaScript", () => {
	it("are keys like all others", () => {
		const dict = value("proto-dict-key-setitems") as PyDict;
		expect([...dict.keys()]).toEqual(["__proto__", "constructor", "toString", "valueOf", "hasOwnProperty"]);
		expect(Object.getPrototypeOf(dict)).toBe(PyDict.prototype);
		expect((value("proto-dict-key") as PyDict).get("__proto__")).toBeInstanceOf(PyDict);
	});

	it.each(["proto-build-state", "proto-build-slots"])("are attributes like all others: %s", (name) => {
		const object = value(name) as PyObject;
		expect(object.get("__proto__")).toBeInstanceOf(PyDict);
		expect(Object.getPrototypeOf(object)).toBe(PyObject.prototype);
		expect("polluted" in object).toBe(false);
	});

	it("are not called by JSON.stringify, and no length of theirs is believed", () => {
		expect(() => JSON.stringify(value("toJSON-attribute"))).not.toThrow();
		const object = value("length-attribute") as PyObject;
		expect(object.get("length")).toBe(2 ** 31 - 1);
		expect("length" in object).toBe(false);
	});

	it("are the first of equal keys, with the last value", () => {
		expect([...(value("key-collision-1-True-1.0") as PyDict)]).toEqual([[1, "float"]]);
	});

	it("do not last: a class that was given a state is as new in the next pickle", () => {
		decodeOutcome("decodeFirst", bytesOf("build-on-global-shared-state"));
		const next = decode(new TextEncoder().encode("ccollections\nOrderedDict\n."));
		expect(Object.keys(next as PyGlobal)).toEqual(["module", "name"]);
	});
});

describe.skipIf(folder === undefined)("files that other tools call malicious or benign", () => {
	it.each(["malicious", "benign"])(
		"%s: inert values or a PickleError, the same from streams",
		async (kind) => {
			const files = picklesOf(join(folder as string, kind));
			const { complaints: found } = await ask(files.map((file) => ({ task: "decode", file, call: "decodeFirst" })));
			expect(found).toEqual([]);
			expect(files.length).toBeGreaterThan(50);
		},
		60_000,
	);
});

/** Words for the formats, by the beginning of the file's name. */
const formats = { gzip: "gzip", bz2: "bzip2", zip: "zip", sevenzip: "7z", tar: "tar", npy: ".npy" };

describe.skipIf(folder === undefined)("decode of what is no bare pickle", () => {
	it.each(containers)("$name is named", async ({ name, file, expected }: ContainerCase) => {
		const answer = await first.ask({ task: "decode", file, call: "decode" });
		expect(complaints(answer)).toEqual([]);
		expect(answer.outcome?.code).toBe(expected.startsWith("E_TRAILING") ? "E_TRAILING" : "E_CONTAINER");
		const format = formats[/^[a-z]+\d?/.exec(name)?.[0] as keyof typeof formats];
		expect(answer.outcome?.message).toContain(format);
	});
});

describe.skipIf(folder === undefined)("inputs that are cut", () => {
	const kinds: readonly (readonly [kind: string, requests: () => Request[]])[] = [
		["hostile", () => cases.map(({ file, call }) => ({ task: "cuts", file, call }))],
		["malicious", () => cutsOf("malicious")],
		["benign", () => cutsOf("benign")],
		["container", () => containers.map(({ file }) => ({ task: "cuts", file, call: "decode" }))],
	];

	function cutsOf(kind: string): Request[] {
		return picklesOf(join(folder as string, kind)).map((file) => ({ task: "cuts", file, call: "decodeFirst" }));
	}

	it.each(kinds)(
		"%s ones: nothing but a PickleError comes out, the same from streams",
		async (_, requests) => {
			const { decodes, complaints: found } = await ask(requests());
			expect(found).toEqual([]);
			expect(decodes).toBeGreaterThan(2000);
		},
		300_000,
	);
});
