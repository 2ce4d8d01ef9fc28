import { expect, test } from "vitest";
import { interpretBytes } from "../../../src/inspect/diagnosis/window.ts";
import { DamageFindings } from "../../../src/inspect/repair/plausible.ts";
import { corpusFiles } from "../../support/corpus.ts";

test("nothing in a whole pickle is taken for damage", () => {
	const taken = corpusFiles().flatMap(({ path, data }) => {
		const findings = new DamageFindings();
		interpretBytes(data, 0, { findings });
		return findings.damagedAt === undefined ? [] : [`${path}: ${findings.damagedAt}`];
	});
	expect(taken).toEqual([]);
});
