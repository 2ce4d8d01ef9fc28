import { type FileHandle, open } from "node:fs/promises";
import { type ByteSource, bytesSource } from "../bytes/source.ts";
import { escapeControls, PickleError } from "../errors.ts";
import { diagnose as diagnoseSource } from "../inspect/diagnosis/diagnose.ts";
import type { Diagnosis } from "../inspect/diagnosis/diagnosis.ts";
import { allFaults, reportText } from "../inspect/diagnosis/report.ts";
import { problemOf } from "../node/read.ts";
import { type Command, type Terminal, UsageError } from "./command.ts";

/** `picklet diagnose` */
export const diagnose: Command = {
	name: "diagnose",
	operands: "FILE...",
	summary: "say why a pickle will not load, and what to do",
	description: `First what each file is, whether it is whole, why it fails and what to do, with
the Python that does it; then the signs: each fault with its offset, what some
readers need, who wrote it, who reads it, arrays, names. Files of any size:
payloads are not read. gzip, zlib, zip, .npy, torch and joblib files are looked
into. - is standard input.

Exit status: 0 if no file is damaged; 1 if one is, or cannot be read.`,
	options: {
		json: { type: "boolean", help: "print a line of JSON for each file" },
		short: { type: "boolean", short: "s", help: "print the answer only, without what it rests on" },
	},
	async run(options, files, terminal) {
		if (files.length === 0) throw new UsageError("diagnose needs a FILE, or - for standard input");
		let status = 0;
		for (const [index, file] of files.entries()) {
			const found = await tryDiagnose(file, terminal);
			if (found === undefined || allFaults(found).length > 0) status = 1;
			if (found === undefined) continue;
			const details = options["short"] !== true;
			const gap = index > 0 && details && options["json"] !== true ? "\n" : "";
			const text = options["json"]
				? `${JSON.stringify({ file, ...found })}\n`
				: reportText(found, file === "-" ? { title: "standard input", details } : { file, details });
			await terminal.write(gap + text);
		}
		return status;
	},
};

async function tryDiagnose(file: string, terminal: Terminal): Promise<Diagnosis | undefined> {
	let handle: FileHandle | undefined;
	try {
		if (file === "-") return await diagnoseSource(bytesSource(await terminal.readInput()));
		handle = await open(file);
		return await diagnoseSource(await sourceOf(handle));
	} catch (error) {
		const problem = error instanceof PickleError ? error.message : problemOf(error);
		terminal.complain(`picklet: ${escapeControls(file)}: ${escapeControls(problem)}`);
		return undefined;
	} finally {
		await handle?.close();
	}
}

/** A file of which parts are read; what is no file, such as a pipe, is read to its end. */
async function sourceOf(handle: FileHandle): Promise<ByteSource> {
	const status = await handle.stat();
	if (!status.isFile()) return bytesSource(await handle.readFile());
	return {
		size: status.size,
		async read(into, offset) {
			let filled = 0;
			while (filled < into.length) {
				const { bytesRead } = await handle.read(into, filled, into.length - filled, offset + filled);
				if (bytesRead === 0) break;
				filled += bytesRead;
			}
			return filled;
		},
	};
}
