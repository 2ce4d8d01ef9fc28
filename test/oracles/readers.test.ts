import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/inspect/diagnosis/diagnose.ts";
import type { Diagnosis } from "../../src/inspect/diagnosis/diagnosis.ts";
import { corpusFiles } from "../support/corpus.ts";
import { repository } from "../support/repository.ts";
import { type Python, pythons, runScript } from "./pythons.ts";

/** Ranges that no xrange of Python 2 holds; Python 3 wrote them all the same. */
const beyondXrange = /ranges_and_slices\.p[02]\.pkl$/;

/** numpy before 1.10 on Python 2 refuses dtypes whose parts are unicode, as Python 3 writes them. */
function refusesUnicode({ packages }: Python, path: string): boolean {
	return /^1\.\d\./.test(packages["numpy"] ?? "") && !path.includes(".py27");
}

/** Files that need no more than numpy and the standard library: no classes of the corpus, no loader, no buffers. */
async function judgedFiles(): Promise<{ path: string; found: Diagnosis }[]> {
	const judged: { path: string; found: Diagnosis }[] = [];
	for (const { path, data, expected } of corpusFiles()) {
		if (expected.error !== undefined || !/^(bytes|containers|floats|ints|numpy|sharing|streams|text)\//.test(path))
			continue;
		const found = await diagnose(data);
		const needs = found.conditions.some(({ code }) =>
			["persistent-loader", "out-of-band", "extension-registry"].includes(code),
		);
		const isOwn = found.statistics?.globals.some(({ name }) => /^(zoo|inert|__main__)\./.test(name));
		if (!needs && !isOwn) judged.push({ path: join(repository, "corpus", path), found });
	}
	return judged;
}

/** What the diagnosis says of a Python with its numpy. */
function foretold({ readers }: Diagnosis, { version, packages }: Python): string {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	const place = major === 2 ? 0 : minor < 4 ? 1 : minor < 8 ? 2 : 3;
	const python = readers[place]?.outcome ?? "";
	const numpy = readers.find(({ reader }) => reader.startsWith(`numpy ${packages["numpy"]?.[0]}`));
	if (numpy === undefined || numpy.outcome === "loads") return python;
	const loads = numpy.outcome === "loads with" && packages["numpy"]?.startsWith(numpy.note?.split(";")[0] as string);
	return loads ? python : "fails";
}

describe("readers are as real Pythons are", () => {
	test.each(pythons())("$name", { timeout: 120_000 }, async (python) => {
		const files = await judgedFiles();
		expect(files.length).toBeGreaterThan(200);
		const outcomes = (await runScript(python, "readers.py", { paths: files.map(({ path }) => path) })) as string[];
		const wrong = files.flatMap(({ path, found }, i) => {
			const said = foretold(found, python);
			const isKnown = (python.version.startsWith("2") && beyondXrange.test(path)) || refusesUnicode(python, path);
			return said === outcomes[i] || isKnown ? [] : [`${path}: said ${said}, is ${outcomes[i]}`];
		});
		expect(wrong).toEqual([]);
	});
});
