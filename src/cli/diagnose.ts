import { escapeControls, isPickleError } from "../errors.ts";
import { diagnose as diagnoseSource } from "../inspect/diagnosis/diagnose.ts";
import type { Diagnosis } from "../inspect/diagnosis/diagnosis.ts";
import { allFaults, reportText } from "../inspect/diagnosis/report.ts";
import { type Command, type Terminal, UsageError } from "./command.ts";
import { failureText, newReading } from "./failures.ts";
import { type OpenFile, openFile } from "./input.ts";

/** `picklet diagnose` */
export const diagnose: Command = {
	name: "diagnose",
	operands: "FILE...",
	summary: "say why a pickle will not load, and what to do",
	description: `First what each file is, whether it is whole, why it fails and what to do, with
the Python that does it; then the signs: each fault with its offset, what some
readers need, who wrote it, who reads it, arrays, names. Files of any size:
payloads are not read. What is packed (gzip, zlib, bzip2, xz, lzma, zstandard,
lz4) and zip, .npy, torch and joblib files are looked into. - is standard input.

Exit status: 0 if no file is damaged; 1 if one is, or cannot be read.`,
	options: {
		json: { type: "boolean", help: "print a line of JSON for each file, with its error if it cannot be read" },
		short: { type: "boolean", short: "s", help: "print the answer only, without what it rests on" },
	},
	async run(options, files, terminal) {
		if (files.length === 0) throw new UsageError("diagnose needs a FILE, or - for standard input");
		let status = 0;
		for (const [index, file] of files.entries()) {
			const found = await tryDiagnose(file, terminal);
			if (isFailure(found) || allFaults(found).length > 0) status = 1;
			if (options["json"] === true) await terminal.write(`${JSON.stringify({ file, ...found })}\n`);
			if (options["json"] === true || isFailure(found)) continue;
			const details = options["short"] !== true;
			const gap = index > 0 && details ? "\n" : "";
			const text = reportText(found, file === "-" ? { title: "standard input", details } : { file, details });
			await terminal.write(gap + text);
		}
		return status;
	},
};

/** Why a file cannot be read: the system's code where there is one, and its words. */
interface ReadFailure {
	readonly error: { readonly code: string; readonly message: string };
}

function isFailure(found: Diagnosis | ReadFailure): found is ReadFailure {
	return "error" in found;
}

async function tryDiagnose(file: string, terminal: Terminal): Promise<Diagnosis | ReadFailure> {
	let opened: OpenFile | undefined;
	try {
		opened = await openFile(file, terminal);
		return await diagnoseSource(opened.source);
	} catch (error) {
		if (!isPickleError(error)) throw error;
		const message = failureText(error, newReading());
		terminal.complain(`picklet: ${file === "-" ? "standard input" : escapeControls(file)}: ${message}`);
		const { code } = (error.cause ?? {}) as { code?: unknown };
		return { error: { code: typeof code === "string" ? code : error.code, message } };
	} finally {
		await opened?.close();
	}
}
