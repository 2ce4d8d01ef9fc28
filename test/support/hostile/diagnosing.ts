/* What runs in a process of its own: diagnoses a file whole and cut, and says what was thrown. */
import { readFileSync } from "node:fs";
import { diagnose } from "../../../src/inspect/diagnosis/diagnose.ts";
import { reportText } from "../../../src/inspect/diagnosis/report.ts";
import { alive, answerRequests } from "../answerRequests.ts";
import { watchPrototypes } from "./prototypes.ts";

export interface Request {
	readonly file: string;
	/** How many of its cuts are diagnosed too. */
	readonly cuts: number;
}

export interface Answer {
	/** The faults of the whole file. */
	readonly faults: readonly string[];
	readonly failures: readonly string[];
	readonly polluted: readonly string[];
}

const polluted = watchPrototypes();

answerRequests<Request, Answer>(async ({ file, cuts }) => {
	const bytes = new Uint8Array(readFileSync(file));
	const failures: string[] = [];
	const faults = await attempt(bytes, "whole", failures);
	for (let i = 1; i <= cuts; i++) {
		alive();
		const length = Math.floor((bytes.length * i) / (cuts + 1));
		await attempt(bytes.slice(0, length), `cut at ${length}`, failures);
	}
	return { faults, failures, polluted: polluted() };
});

/** The codes of the faults; notes what is thrown, what JSON does not keep, and what could steer a terminal. */
async function attempt(bytes: Uint8Array, name: string, failures: string[]): Promise<string[]> {
	try {
		const found = await diagnose(bytes);
		const json = JSON.stringify(found);
		if (JSON.stringify(JSON.parse(json)) !== json) failures.push(`${name}: JSON does not keep it`);
		const text = reportText(found, { file: "x.pkl" });
		if (/[^\P{C}\n]/u.test(text)) failures.push(`${name}: its report could steer a terminal`);
		return found.faults.map(({ code }) => code);
	} catch (error) {
		failures.push(`${name}: ${error}`);
		return [];
	}
}
