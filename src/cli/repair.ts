import { escapeControls } from "../errors.ts";
import { allFaults } from "../inspect/diagnosis/report.ts";
import { grouped, plural } from "../inspect/diagnosis/words.ts";
import { checkWanted, type RepairOptions, repair as repairSource } from "../inspect/repair/repair.ts";
import type { Edit, Repair } from "../inspect/repair/result.ts";
import { PyLazyBytes } from "../values/lazy.ts";
import { type Command, type OptionValues, type Terminal, UsageError } from "./command.ts";
import { failureText, newReading } from "./failures.ts";
import { type OpenFile, openFile } from "./input.ts";
import { isSameFile, takenText, writeProblemOf, writeTarget } from "./target.ts";

/** `picklet repair` */
export const repair: Command = {
	name: "repair",
	operands: "IN OUT",
	summary: "mend a damaged pickle, salvage it, or say it for another Python",
	description: `What diagnose finds and what can be undone without loss is undone, and the result
is diagnosed again before OUT is written: length fields that overflowed, line
ends of text mode, UTF-8, a byte order mark, bytes before and behind, base64, hex,
repr and UTF-16, a missing STOP. What is damaged inside gzip, zlib, bz2, xz, lzma,
zstandard, lz4 or a zip archive of one file comes out of it; of another archive
--member names the file. Where two repairs would fit, both are shown and none is
made.

--protocol and --for write the instructions anew, the value the same: in another
protocol, and by the names that classes have for another numpy, Python or pandas.
--for "python 2.7" also lowers the protocol to 2, and joins what is longer than
2 GiB of pieces. What cannot be said so is refused. --unpack takes what is whole
out of what it is packed in, as these two do.

With --salvage what is left of a file that is cut or damaged becomes a pickle: all
that comes before the damage, and of a cut array the elements that are there;
OUT.repair.json says what is lost. IN, which may be - for standard input, is never
changed; OUT is written whole or not at all.

Exit status: 0 repaired and whole; 1 there is nothing to do, or it cannot be
done; 3 salvaged, with losses.`,
	options: {
		salvage: { type: "boolean", help: "save what is left where something is lost" },
		protocol: { type: "string", value: "N", help: "write protocol N, 0 to 5" },
		for: { type: "string", value: "TARGET", help: 'what is to read it: "python 2.7, numpy 1.16"' },
		unpack: { type: "boolean", help: "take what is whole out of gzip, bz2 and the like too" },
		member: { type: "string", value: "NAME", help: "the file of a zip archive that is meant" },
		"dry-run": { type: "boolean", short: "n", help: "print the edits; write nothing, and leave out OUT" },
		force: { type: "boolean", help: "replace OUT, and OUT.repair.json, if they exist" },
	},
	async run(options, operands, terminal) {
		const [file, target, ...more] = operands;
		const isDry = options["dry-run"] === true;
		if (file === undefined || (target === undefined && !isDry) || more.length > 0)
			throw new UsageError("repair needs IN and OUT, or with --dry-run IN alone");
		return repairFile(file, isDry ? undefined : target, options, terminal);
	},
};

/** @returns the exit status */
async function repairFile(
	file: string,
	target: string | undefined,
	options: OptionValues,
	terminal: Terminal,
): Promise<number> {
	const name = file === "-" ? "standard input" : escapeControls(file);
	let opened: OpenFile | undefined;
	const wanted = wantedOf(options);
	try {
		if (target !== undefined && (await isSameFile(file, target)))
			return failed(`${name}: OUT is IN, which is never changed`, terminal);
		const taken = target === undefined || options["force"] ? undefined : await takenText(target);
		if (taken !== undefined) return failed(taken, terminal);
		opened = await openFile(file, terminal);
		const found = await repairSource(opened.source, undefined, wanted);
		const status = statusOf(found);
		if (target === undefined) await terminal.write(diffText(name, found));
		if (status === 1) return failed(`${name}: ${refusalText(found, wanted.salvage)}`, terminal);
		if (target === undefined) return status;
		const report = target === "-" || found.outcome !== "salvaged" ? undefined : `${target}.repair.json`;
		const reportTaken = report === undefined || options["force"] ? undefined : await takenText(report);
		if (reportTaken !== undefined) return failed(reportTaken, terminal);
		await writeTarget(target, [new PyLazyBytes(found.result, 0, found.resultSize, "bytes")]);
		if (target === "-") return status;
		if (report !== undefined) await writeReport(report, found);
		await terminal.write(doneText(escapeControls(target), found));
		return status;
	} catch (error) {
		const problem = target === undefined ? undefined : writeProblemOf(error, target);
		return failed(problem ?? `${name}: ${failureText(error, newReading())}`, terminal);
	} finally {
		await opened?.close();
	}
}

/** @throws UsageError for a protocol or target that there is not */
function wantedOf(options: OptionValues): RepairOptions {
	const { protocol, for: target, member } = options;
	if (protocol !== undefined && !/^[0-5]$/.test(String(protocol)))
		throw new UsageError(`--protocol is to be 0 to 5, not ${escapeControls(String(protocol))}`);
	const wanted: RepairOptions = {
		salvage: options["salvage"] === true,
		unpack: options["unpack"] === true,
		protocol: protocol === undefined ? undefined : (Number(protocol) as 0),
		for: target === undefined ? undefined : String(target),
		member: member === undefined ? undefined : String(member),
	};
	try {
		checkWanted(wanted);
	} catch (error) {
		throw new UsageError(escapeControls((error as TypeError).message), { cause: error });
	}
	return wanted;
}

function failed(problem: string, terminal: Terminal): 1 {
	terminal.complain(`picklet: ${problem}`);
	return 1;
}

function statusOf({ outcome }: Repair): number {
	return outcome === "repaired" ? 0 : outcome === "salvaged" ? 3 : 1;
}

function refusalText({ outcome, choices, before, refusal }: Repair, isSalvage: boolean | undefined): string {
	if (outcome === "undamaged") return "there is nothing to repair";
	const archive = before.format.kind === "container" ? (refusal ?? choices[0])?.why : undefined;
	if (archive?.includes(" (member)"))
		return `it is ${escapeControls(archive).replace(" (member)", ", as --member NAME does")}`;
	if (refusal)
		return `cannot be written so, the value the same: at offset ${refusal.offset}, ${escapeControls(refusal.why)}`;
	const [fault] = allFaults(before);
	const several =
		choices.length === 0
			? ""
			: ` ${plural(choices.length, "repair")} would fit, and ${choices.length === 1 ? "may not be the right one" : "none is made"}:`;
	const shown = choices.map(({ offset, why }, i) => ` (${i + 1}) at offset ${offset}: ${why}`);
	return `cannot be repaired without loss: ${fault?.title ?? ""}${several}${shown.join("")} ${isSalvage ? "Nothing of it can be saved" : "--salvage saves what is left"}`;
}

async function writeReport(path: string, { result: _, ...report }: Repair): Promise<void> {
	const text = new TextEncoder().encode(`${JSON.stringify(report, undefined, "\t")}\n`);
	await writeTarget(path, [text]);
}

function doneText(target: string, { outcome, size, resultSize, edits, losses }: Repair): string {
	const sizes = `${plural(resultSize, "byte")} of ${grouped(size)}`;
	const head = outcome === "repaired" ? `repaired, ${sizes}; nothing is lost` : `salvaged, ${sizes}`;
	const lines = [...new Set(edits.map(({ why }) => why)), ...losses.map(({ what }) => `Lost: ${what}`)];
	const report = outcome === "salvaged" ? `The report is ${target}.repair.json.\n` : "";
	return `${target}: ${head}\n${lines.map((line) => `  ${escapeControls(line)}\n`).join("")}${report}`;
}

/** The edits as a diff of offsets; those of a pass are in what the pass before left. */
function diffText(name: string, { size, resultSize, edits, losses }: Repair): string {
	if (edits.length === 0) return "";
	const head = `--- ${name}, ${plural(size, "byte")}\n+++ repaired, ${plural(resultSize, "byte")}\n`;
	let pass = 0;
	let moved = 0;
	const hunks = [...edits]
		.sort((left, right) => left.pass - right.pass || left.offset - right.offset)
		.map((edit) => {
			if (edit.pass !== pass) moved = 0;
			pass = edit.pass;
			const text = hunkText(edit, edit.offset + moved);
			moved += edit.inserted - edit.removed;
			return text;
		});
	return head + hunks.join("") + losses.map(({ what }) => `Lost: ${escapeControls(what)}\n`).join("");
}

function hunkText({ pass, offset, removed, inserted, bytes, why }: Edit, place: number): string {
	const shown = bytes ? `+${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}\n` : "";
	const which = pass > 1 ? ` pass ${pass}` : "";
	return `@@ -${offset},${removed} +${place},${inserted} @@${which} ${escapeControls(why)}\n${shown}`;
}
