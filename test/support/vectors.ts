import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { DecodeOptions } from "../../src/index.ts";
import type { Dialect } from "./pythonRepr.ts";

/** A pickle that CPython loaded while it ran its own tests, with what the newest Python that did made of it. */
export interface Vector {
	/** Its line in the file, from 1. */
	readonly number: number;
	readonly bytes: Uint8Array;
	/** CPython's tests that loaded it. */
	readonly tests: readonly string[];
	/** Such as `3.13.0`. */
	readonly python: string;
	readonly dialect: Dialect;
	readonly accepted: boolean;
	/** Module and name of the type, or of the exception if it was refused. */
	readonly type: string;
	/** The value's repr, or the exception's message. */
	readonly text: string;
	/** How that Python read it. */
	readonly options: DecodeOptions;
}

interface Line {
	readonly b64: string;
	readonly kw: { readonly encoding?: "latin1" | "bytes"; readonly buffers?: string };
	/** By version of Python and way to load: `ok|type|repr` or `err|exception|message`. */
	readonly outcomes: Readonly<Record<string, Readonly<Record<string, string>>>>;
	readonly tests: readonly string[];
}

/** The ways to load that are C, which goes before Python's own `pickle.py` where the two differ. */
const cWays = ["cPickle.loads", "cPickleUnpicklerTests.loads", "pickle.loads", "InMemoryPickleTests.loads"];

export function readVectors(file: string): Vector[] {
	const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split("\n");
	return lines.map((line, i) => vectorOf(JSON.parse(line), i + 1));
}

function vectorOf({ b64, kw, outcomes, tests }: Line, number: number): Vector {
	const python = Object.keys(outcomes).reduce((one, other) => (compareVersions(one, other) > 0 ? one : other));
	const ways = outcomes[python] as Readonly<Record<string, string>>;
	const way = cWays.find((name) => name in ways) ?? (Object.keys(ways)[0] as string);
	const [, status, type, text] = /^(ok|err)\|([^|]*)\|(.*)$/s.exec(ways[way] as string) as string[];
	const dialect: Dialect = python.startsWith("2") ? 2 : 3;
	const bytes = new Uint8Array(Buffer.from(b64, "base64"));
	return {
		number,
		bytes,
		tests,
		python,
		dialect,
		accepted: status === "ok",
		type: type as string,
		text: text as string,
		options: {
			floats: "exact",
			encoding: kw.encoding ?? (dialect === 2 ? "bytes" : "ascii"),
			fixImports: dialect === 3,
			extensions: extensionsOf(bytes, tests),
			// These tests have a loader that gives back the id.
			persistentLoad: tests.some((test) => test.includes("IdPersPickler")) ? (id) => id : undefined,
		},
	};
}

/** What the tests of EXT1, EXT2 and EXT4 register: one class, under the code that comes right after PROTO. */
function extensionsOf(bytes: Uint8Array, tests: readonly string[]): ReadonlyMap<number, string> {
	const width = Number(/test_global_ext(\d)/.exec(tests[0] as string)?.[1] ?? 0);
	if (width === 0) return new Map();
	return new Map([[Buffer.from(bytes).readUIntLE(3, width), "test.pickletester.MyList"]]);
}

function compareVersions(one: string, other: string): number {
	return one.localeCompare(other, "en", { numeric: true });
}
