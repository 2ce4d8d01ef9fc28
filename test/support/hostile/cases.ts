import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { standardReducers } from "../../../src/index.ts";
import type { Call } from "./outcome.ts";

/** A pickle that attacks a decoder, as `hostile/index.json` has it. */
export interface HostileCase {
	readonly name: string;
	/** Its path. */
	readonly file: string;
	readonly outcome: string;
	readonly call: Call;
	/** Names of classes and functions that it asks for. */
	readonly globals: readonly string[];
	readonly errorCode?: string;
	readonly errorOffset?: number;
	/** Name of the limit that stops it. */
	readonly limitOption?: string;
	/** What Python makes of it, by version and way to load; text where none was asked. */
	readonly cpython: string | Readonly<Record<string, { readonly ok: boolean; readonly value?: string }>>;
}

/** A file that is no bare pickle, or lies about what it is. */
export interface ContainerCase {
	readonly name: string;
	readonly file: string;
	/** From when on `expected` holds. */
	readonly due: string;
	readonly expected: string;
}

export function hostileCases(folder: string): HostileCase[] {
	return readCases<HostileCase>(folder);
}

export function containerCases(folder: string): ContainerCase[] {
	return readCases<ContainerCase>(join(folder, "containers"));
}

function readCases<Case extends { readonly file: string }>(folder: string): Case[] {
	const { cases } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { readonly cases: readonly Case[] };
	return cases.map((entry) => ({ ...entry, file: join(folder, entry.file) }));
}

/** The pickles of a folder. */
export function picklesOf(folder: string): string[] {
	const names = readdirSync(folder).filter((name) => name.endsWith(".pkl"));
	return names.map((name) => join(folder, name));
}

const claimed = new Set(standardReducers.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
/** Classes that only stand among the arguments of a function which has a reducer. */
const argumentsOnly = new Set(["numpy.ndarray"]);

/** Whether reducers know all the names that the case asks for: until then it is inert. */
export function isDue({ globals }: HostileCase): boolean {
	return globals.every((name) => claimed.has(name) || argumentsOnly.has(name));
}

/** What CPython 3.13 makes of a case, where it was asked: the C implementation, from bytes. */
export function pythonOutcome({ cpython }: HostileCase): { readonly ok: boolean; readonly value?: string } | undefined {
	return typeof cpython === "string" ? undefined : cpython["3.13/loads"];
}
