import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Tag } from "./tags.ts";

/** A pickle that a real framework wrote, with what an environment's Python loads from it. */
export interface FrameworkFile {
	readonly environment: string;
	readonly family: string;
	/** What was pickled, such as `struct_nested`. */
	readonly case: string;
	/** `numpy/struct_nested.p2.pkl` */
	readonly name: string;
	readonly protocol: number;
	readonly data: Uint8Array;
	/** Those that lie beside the pickle, in order. */
	readonly buffers: readonly Uint8Array[] | undefined;
	readonly expected: Tag;
	/** What the files of the same case hold, this one's among them. */
	readonly siblings: readonly Tag[];
}

interface Case {
	readonly family: string;
	readonly case: string;
	readonly expect: Tag;
	readonly files: readonly {
		readonly name: string;
		readonly protocol: number;
		/** From the folder's top: what several environments wrote alike is there once. */
		readonly file: string;
		/** Where the file holds something else than the case's first. */
		readonly expect?: Tag;
		readonly with?: readonly string[];
	}[];
}

/** The environments, by name, of a folder of such files. */
export function environmentsIn(folder: string): string[] {
	return readdirSync(folder).filter((name) => existsSync(join(folder, name, "expected.json")));
}

/** The files of one environment that are of these families. */
export function* frameworkFiles(
	folder: string,
	environment: string,
	families: readonly string[],
): Generator<FrameworkFile> {
	const read = (path: string) => new Uint8Array(readFileSync(join(folder, path)));
	const described = JSON.parse(readFileSync(join(folder, environment, "expected.json"), "utf8"));
	const cases = (described.cases as readonly Case[]).filter(({ family }) => families.includes(family));
	for (const { family, case: name, expect, files } of cases) {
		const siblings = [expect, ...files.flatMap((file) => file.expect ?? [])];
		for (const file of files) {
			yield {
				environment,
				family,
				case: name,
				name: file.name,
				protocol: file.protocol,
				data: read(file.file),
				buffers: file.with?.map((beside) => read(join(dirname(file.file), basename(beside)))),
				expected: file.expect ?? expect,
				siblings,
			};
		}
	}
}
