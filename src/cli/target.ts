import { once } from "node:events";
import { open, stat } from "node:fs/promises";
import { stdout } from "node:process";
import { escapeControls, isPickleError } from "../errors.ts";
import type { WritingOptions } from "../node/options.ts";
import { problemOf } from "../node/source.ts";
import { isTaken, type Pieces, partsOf, replaceFile } from "../node/write.ts";

/** Says that there is a file already by this name; undefined if there is none. */
export async function takenText(target: string): Promise<string | undefined> {
	const isFree = target === "-" || !(await isTaken(target)) || (await isDevice(target));
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

/**
 * Writes a file whole or not at all; - is standard output, and devices and pipes take what they are given.
 * @throws the system's error, or what the pieces throw
 */
export async function writeTarget(target: string, pieces: Pieces, options: WritingOptions = {}): Promise<void> {
	if (target === "-") return writeOutput(pieces);
	return (await isDevice(target)) ? writeDevice(target, pieces) : replaceFile(target, pieces, options);
}

/** Whether it is a device or a pipe, which a file must not replace. */
export async function isDevice(target: string): Promise<boolean> {
	const found = await stat(target).catch(() => undefined);
	return found !== undefined && (found.isCharacterDevice() || found.isFIFO());
}

async function writeDevice(target: string, pieces: Pieces): Promise<void> {
	const device = await open(target, "w");
	try {
		for await (const piece of pieces) for await (const part of partsOf(piece)) await device.writeFile(part);
	} finally {
		await device.close();
	}
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
