import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BoundedProcess } from "../../support/bounded.ts";
import { containerCases, hostileCases, picklesOf } from "../../support/hostile/cases.ts";
import type { Answer, Request } from "../../support/hostile/diagnosing.ts";
import { repository } from "../../support/repository.ts";
import { sharedFolder } from "../../support/shared.ts";

const folder = sharedFolder("hostile");
const files = folder
	? [
			...hostileCases(folder).map(({ file }) => file),
			...containerCases(folder).map(({ file }) => file),
			...picklesOf(join(folder, "malicious")),
			...picklesOf(join(folder, "benign")),
		]
	: [];
const processes = folder
	? [1, 2].map(() => new BoundedProcess<Request, Answer>(join(repository, "test/support/hostile/diagnosing.ts")))
	: [];

afterAll(() => {
	for (const process of processes) process.stop();
});

describe.skipIf(folder === undefined)("hostile input", () => {
	it("is diagnosed in bounded time and memory, whole and cut, with nothing thrown", { timeout: 300_000 }, async () => {
		const ask = (file: string, i: number) => processes[i % 2]?.ask({ file, cuts: 3 });
		const answers = await Promise.all(files.map(ask));
		const wrong = answers.flatMap((answer, i) =>
			(answer?.failures ?? ["no answer"]).map((text) => `${files[i]}: ${text}`),
		);
		expect(wrong).toEqual([]);
		expect(answers.flatMap((answer) => answer?.polluted ?? [])).toEqual([]);
	});
});
