import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type DecodeOptions, decode } from "../../src/index.ts";
import { compareTags } from "../support/compareTags.ts";
import { describe } from "../support/describe.ts";
import { sharedFolder } from "../support/shared.ts";
import type { Tag } from "../support/tags.ts";

interface Case {
	readonly family: string;
	readonly case: string;
	readonly expect: Tag;
	readonly files: readonly { readonly name: string; readonly file: string; readonly expect?: Tag }[];
}

const frameworks = sharedFolder("frameworks");
const environments =
	frameworks === undefined ? [] : readdirSync(frameworks).filter((name) => /^py27-np\d+$/.test(name));
const encodings = ["ascii", "latin1", "utf-8", "bytes", "auto"] as const;

/** Whether encoding makes no other value of it: a name beyond ASCII does, and Python drops the zeros at a scalar's end. */
function isAlike(one: Case): boolean {
	const { t, dtype } = one.expect;
	const kind = t === "ndarray" || t === "npscalar" || t === "dtype";
	return kind && !String(dtype).startsWith("|O") && !/unicode_names|object|scalar_bytes_nul/.test(one.case);
}

test.skipIf(frameworks === undefined)("there are files of each Python 2 with a numpy", () => {
	expect(environments).toHaveLength(3);
});

for (const environment of environments) {
	const described = readFileSync(join(frameworks as string, environment, "expected.json"), "utf8");
	const { cases } = JSON.parse(described) as { cases: Case[] };

	test.each(encodings)(`${environment}: arrays are the same with encoding %s`, (encoding) => {
		const wrong = cases
			.filter((one) => one.family === "numpy" && isAlike(one))
			.flatMap((one) => one.files.flatMap((file) => differences(file, one.expect, encoding)));
		expect(wrong).toEqual([]);
	});
}

function differences(file: Case["files"][number], expected: Tag, encoding: DecodeOptions["encoding"]): string[] {
	const bytes = readFileSync(join(frameworks as string, file.file));
	try {
		const found = describe(decode(bytes, { encoding, floats: "exact" }));
		return compareTags(found, file.expect ?? expected, { encoding, unordered: true }).map(
			(text) => `${file.name} ${text}`,
		);
	} catch (error) {
		return [`${file.name}: ${String(error)}`];
	}
}
