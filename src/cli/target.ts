import { once } from "node:events";
import { stat } from "node:fs/promises";
import { stdout } from "node:process";
import { escapeControls, isPickleError } from "../errors.ts";
import { problemOf } from "../node/source.ts";
import { isTaken, type Pieces, partsOf, replaceFile, type WritingOptions } from "../node/write.ts";

/** Says that there is a file already by this name; undefined if there is none. */
export async function takenText(target: string): Promise<string | undefined> {
	const isFree = target === "-" || !(await isTaken(target));
	return isFree ? undefined : `${escapeControls(target)}: it exists; --force replaces it`;
}

/** Whether two names are one file. */
export async function isSameFile(left: string, right: string): Promise<boolean> {
	if (left === "-" || right === "-") return false;
	const [one, other] = await Promise.all(
		[left, right].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
	);
	return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

/** Writes a file whole or not at all; - is standard output. @throws the system's error, or what the pieces throw */
export function writeTarget(target: string, pieces: Pieces, options: WritingOptions = {}): Promise<void> {
	return target === "-" ? writeOutput(pieces) : replaceFile(target, pieces, options);
}

async function writeOutput(pieces: Pieces): Promise<void> {
	for await (const piece of pieces) {
		for await (const part of partsOf(piece)) if (!stdout.write(part)) await once(stdout, "drain");
	}
}

/** What went wrong with writing a file, in a line; undefined if that is not what went wrong. */
export function writeProblemOf(error: unknown, target: string): string | undefined {
	if (isPickleError(error) || !isSystemError(error)) return undefined;
	const problem = error.code === "ENOENT" ? "there is no such directory" : escapeControls(problemOf(error));
	return `${escapeControls(target)}: cannot write: ${problem}`;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
	return error instanceof Error && /^E[A-Z\d]+$/.test(String((error as NodeJS.ErrnoException).code));
}
