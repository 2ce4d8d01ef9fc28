import { escapeControls } from "../../errors.ts";
import type { Condition, Diagnosis, Fault, Statistics, Wholeness } from "./diagnosis.ts";
import { layersOf, pythonText } from "./python.ts";
import { arrayText, grouped, plural } from "./words.ts";

export interface ReportOptions {
	/** The file's name: it stands in commands for FILE. */
	readonly file?: string;
	/** What the first line calls it, if not by that name. */
	readonly title?: string;
	/** Whether the details follow the answer. Default true. */
	readonly details?: boolean;
}

/** Lines of a list that are shown. */
const SHOWN = 8;

/** Instructions of which less leaves seldom anything to keep. */
const MIN_SALVAGED = 6;

/** A diagnosis as text: the answer first, in a few lines, then what it rests on. Nothing in it can steer a terminal. */
export function reportText(diagnosis: Diagnosis, options: ReportOptions = {}): string {
	const { file, title = file, details = true } = options;
	const shown = new CommandFile(file);
	const lines = [...answer(diagnosis, shown, title), ...(details ? detailLines(diagnosis, shown) : [])];
	return lines.map((line) => `${escapeControls(line)}\n`).join("");
}

/** What it is, whether it is whole, why it fails, what to do. */
function answer(diagnosis: Diagnosis, file: CommandFile, title: string | undefined): string[] {
	const { format, size } = diagnosis;
	const layers = layersOf(diagnosis);
	const inner = layers.at(-1) ?? diagnosis;
	const name = layers.map(({ format: { name: each } }) => each).join(", in it ");
	const faults = allFaults(diagnosis);
	const [first] = faults;
	const lines = [`${title === undefined ? "" : `${title}: `}${name}, ${plural(size, "byte")}`];
	if (first === undefined) {
		const advice = adviceOf(inner.format.advice || format.advice);
		const isPickle = inner.format.kind === "pickle";
		lines.push(isPickle ? "Whole: no damage was found." : `No pickle was read in it${advice}.`);
		lines.push(...conditionAnswers(inner.conditions, file));
		return lines;
	}
	lines.push(`Damaged: ${first.title}`, `Data: ${wholenessText[first.data]}.`, ...todo(first, file));
	// What lies in a container is not mended in it.
	const isMended = first.mend && first.code !== "double" && diagnosis.faults[0] === first;
	if (isMended && faults.every(({ mend, data }) => mend && data === "whole"))
		lines.push(...file.repair(mendedName(layers)));
	if (isSalvageable(first, inner)) lines.push(...file.salvage());
	for (const { title, data } of faults.slice(1, 2)) lines.push(`Then: ${title} Data: ${wholenessText[data]}.`);
	if (faults.length > 2) lines.push(`Further: ${plural(faults.length - 2, "fault")}, below.`);
	if (inner.faults.length === 0) lines.push(...conditionAnswers(inner.conditions));
	return lines;
}

/** Damage before which something was read. */
function isSalvageable({ code, data }: Fault, { statistics }: Diagnosis): boolean {
	const isEnd =
		code === "truncated" || code === "overflow-unwritten" || code === "unknown-opcode" || code === "malformed";
	return isEnd && data === "partly" && (statistics?.instructions ?? 0) >= MIN_SALVAGED;
}

const endings: Readonly<Record<string, string>> = {
	"gzip data": ".pkl.gz",
	"bzip2 data": ".pkl.bz2",
	"xz data": ".pkl.xz",
	"a zip archive": ".zip",
	"a zip archive of torch.save (.pt)": ".pt",
	"a numpy .npz archive": ".npz",
	"a .npy file": ".npy",
};

/** Mending leaves the outermost layer that has no damage. */
function mendedName(layers: readonly Diagnosis[]): string {
	const left = layers.find(({ faults }) => faults.length === 0);
	return `mended${endings[left?.format.name ?? ""] ?? ".pkl"}`;
}

/** Commands are left out where that which undoes the damage says the same. */
function conditionAnswers(conditions: readonly Condition[], file?: CommandFile): string[] {
	return conditions.flatMap(({ title, advice, command }) => [
		`But: ${title} ${advice}`,
		...(file ? commandLines(command, file) : []),
	]);
}

function adviceOf(advice: string): string {
	return advice === "" ? "" : `: ${advice}`;
}

const wholenessText: Readonly<Record<Wholeness, string>> = {
	whole: "all there; nothing is lost",
	partly: "a part is lost",
	lost: "lost",
	unknown: "not known",
};

function todo({ advice, command }: Fault, file: CommandFile): string[] {
	return [`Do: ${advice}`, ...commandLines(command, file)];
}

function commandLines(command: string | undefined, file: CommandFile): string[] {
	return command === undefined ? [] : [`    ${file.in(command)}`];
}

/** The file in commands: its name as Python writes it, or as a shell does. */
class CommandFile {
	readonly #file: string | undefined;

	constructor(name: string | undefined) {
		this.#file = name;
	}

	/** How picklet makes what is mended of it, if it has a name. */
	repair(mended: string): string[] {
		return this.#file === undefined ? [] : [`    picklet repair ${shellText(this.#file)} ${mended}`];
	}

	/** How picklet keeps what is left of it. */
	salvage(): string[] {
		if (this.#file === undefined) return [];
		return ["Or keep what can be read of it:", `    picklet repair --salvage ${shellText(this.#file)} rest.pkl`];
	}

	in(command: string): string {
		const file = this.#file;
		if (file === undefined) return command;
		const name = /^(import|open|pickle|numpy)\b/.test(command) ? pythonText(file) : shellText(file);
		return command.replace(/\bFILE\b/g, () => name);
	}
}

/** Text as a shell takes it; control characters are escaped when the line is written. */
export function shellText(text: string): string {
	if (escapeControls(text) !== text) return `$'${text.replace(/[\\']/g, "\\$&")}'`;
	const plain = text.startsWith("-") ? `./${text}` : text;
	return `'${plain.replaceAll("'", "'\\''")}'`;
}

/** The faults of a file and of all that lies in it, the outer ones first. */
export function allFaults(diagnosis: Diagnosis): readonly Fault[] {
	return layersOf(diagnosis).flatMap(({ faults }) => faults);
}

function detailLines(diagnosis: Diagnosis, file: CommandFile): string[] {
	const layers = layersOf(diagnosis);
	const inner = layers.at(-1) ?? diagnosis;
	const faults = allFaults(diagnosis);
	return [
		...faults.flatMap((fault, i) => faultLines(fault, i, file)),
		...inner.conditions.flatMap((condition) => conditionLines(condition, file)),
		...layers.flatMap(({ notes }) => notes.map((note) => `Note: ${note}`)),
		...section("Written by", inner.writer && [inner.writer.name, ...inner.writer.evidence.map((sign) => `- ${sign}`)]),
		...section(
			"Read by, if it has the names",
			inner.readers.map(
				({ reader, outcome, note }) =>
					`${reader}: ${outcome}${note === undefined ? "" : outcome === "fails" ? `: ${note}` : ` ${note}`}`,
			),
		),
		...section("Members", diagnosis.format.members && shortened(diagnosis.format.members)),
		...(inner.statistics ? statisticsLines(inner.statistics) : []),
	];
}

function faultLines(fault: Fault, place: number, file: CommandFile): string[] {
	const { code, offset, title, evidence, array, overflow, missing, data } = fault;
	const lines = [`${code} at offset ${offset}`];
	if (place > 0) lines.push(title, `Data: ${wholenessText[data]}.`, ...todo(fault, file));
	lines.push(evidence);
	if (array)
		lines.push(
			`Array: ${arrayText(array)}${array.needed === undefined ? "" : `, ${grouped(array.needed)} bytes`}${array.items === undefined ? "" : `; ${plural(array.items, "whole item")} there`}.`,
		);
	if (overflow)
		lines.push(
			`Limit: ${grouped(overflow.limit)} bytes, of ${overflow.writer}${overflow.error === undefined ? "" : `: ${overflow.error}`}.`,
		);
	if (missing) lines.push(`Missing: ${plural(missing.bytes, "byte")} or more, of ${missing.reading}.`);
	return section("Fault", lines);
}

function conditionLines(condition: Condition, file: CommandFile): string[] {
	const { code, offset, title, advice, command } = condition;
	const place = offset === undefined ? "" : ` at offset ${offset}`;
	return section("Condition", [`${code}${place}: ${title} ${advice}`, ...commandLines(command, file)]);
}

function section(title: string, lines: readonly string[] | undefined): string[] {
	if (lines === undefined || lines.length === 0) return [];
	return ["", title, ...lines.map((line) => `  ${line}`)];
}

function shortened(lines: readonly string[]): string[] {
	if (lines.length <= SHOWN + 1) return [...lines];
	return [...lines.slice(0, SHOWN), `... ${grouped(lines.length - SHOWN)} more`];
}

function statisticsLines(statistics: Statistics): string[] {
	const { pickles, protocol, instructions, frames, memo, depth, histogram, arrays, arrayCount, globals, payloads } =
		statistics;
	const opcodes = Object.entries(histogram).slice(0, 6);
	const counts = [
		`protocol ${protocol}, ${plural(pickles, "pickle")}, ${plural(instructions, "opcode")}, ${plural(frames, "frame")}`,
		`memo: ${grouped(memo.stored)} stored, ${grouped(memo.read)} read; ${plural(depth, "level")} deep`,
		`most frequent: ${opcodes.map(([name, count]) => `${name} ${grouped(count)}`).join(", ")}`,
	];
	const found = arrays
		.slice(0, SHOWN)
		.map((array) => `${arrayText(array)}${array.order === "F" ? ", Fortran order" : ""}`);
	const more = arrayCount > found.length ? [`... ${grouped(arrayCount - found.length)} more`] : [];
	const large = payloads.filter(({ length }) => length >= 1024);
	return [
		...section("Counted", counts),
		...section("Arrays", [...found, ...more]),
		...section(
			"Names",
			shortened(
				globals.map(({ name, count, what }) => `${name}${count > 1 ? ` (${grouped(count)} times)` : ""}: ${what}`),
			),
		),
		...section(
			"Largest payloads",
			large.map(
				({ offset, opcode, length, array }) =>
					`${plural(length, "byte")} at offset ${offset}, ${opcode}${array === undefined ? "" : `: ${array}`}`,
			),
		),
	];
}
