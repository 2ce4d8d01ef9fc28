import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { bytesSource, decode, isPickleError, openPickle, readPickle } from "../../src/index.ts";
import { repository } from "../support/repository.ts";
import { sharedFolder } from "../support/shared.ts";

const pickles = (folder: string) =>
	readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => /\.pkl$/.test(name) && !/containers/.test(name))
		.map((name) => join(folder, name));

/** A value as text, or an error's code and place. What is no PickleError fails the test. */
async function outcome(read: () => unknown): Promise<string> {
	try {
		return inspect(await read(), { depth: 4, maxArrayLength: 20 });
	} catch (error) {
		if (!isPickleError(error)) throw error;
		return `${error.code} at ${error.offset}`;
	}
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += 100) yield bytes.slice(at, at + 100);
}

const hostile = sharedFolder("hostile");
const folders: readonly (readonly [name: string, files: readonly string[]])[] = [
	["corpus", pickles(join(repository, "corpus"))],
	...(hostile === undefined ? [] : [["hostile", pickles(hostile)] as const]),
];

describe.each(folders)("each file of %s comes to the same from memory, a source and a stream", (_, files) => {
	const tenths = Array.from({ length: 10 }, (_, tenth) => files.filter((_, i) => i % 10 === tenth));
	test.each(tenths.filter((some) => some.length > 0).map((some, i) => [i, some] as const))(
		"part %i",
		async (_, some) => {
			for (const file of some) {
				const bytes = new Uint8Array(readFileSync(file));
				const expected = await outcome(() => decode(bytes));
				expect(await outcome(() => readPickle(bytesSource(bytes))), file).toBe(expected);
				expect(await outcome(() => readPickle(chunks(bytes))), file).toBe(expected);
				const opened = await outcome(async () => (await openPickle(bytes)).value);
				expect(opened.startsWith("E_"), `${file}: ${opened}`).toBe(expected.startsWith("E_"));
			}
		},
	);
});
