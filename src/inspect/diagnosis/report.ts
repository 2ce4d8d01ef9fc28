import { escapeControls } from "../../errors.ts";
import type { Condition, Diagnosis, Fault, Statistics, Wholeness } from "./diagnosis.ts";
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

/** A diagnosis as text: the answer first, in a few lines, then what it rests on. Nothing in it can steer a terminal. */
export function reportText(diagnosis: Diagnosis, options: ReportOptions = {}): string {
	const { file, title = file, details = true } = options;
	const shown = new CommandFile(file, diagnosis.format.name);
	const lines = [...answer(diagnosis, shown, title), ...(details ? detailLines(diagnosis, shown) : [])];
	return lines.map((line) => `${escapeControls(line)}\n`).join("");
}

/** What it is, whether it is whole, why it fails, what to do. */
function answer(diagnosis: Diagnosis, file: CommandFile, title: string | undefined): string[] {
	const { format, size } = diagnosis;
	const inner = innermost(diagnosis);
	const name = [...layers(diagnosis)].map(({ format: { name: each } }) => each).join(", in it ");
	const faults = allFaults(diagnosis);
	const [first] = faults;
	const lines = [`${title === undefined ? "" : `${title}: `}${name}, ${plural(size, "byte")}`];
	if (first === undefined) {
		const other = format.kind === "other" || (format.kind === "container" && diagnosis.inside === undefined);
		lines.push(other ? `No pickle was read in it${adviceOf(format.advice)}.` : "Whole: no damage was found.");
		for (const { title, advice, command } of inner.conditions) {
			lines.push(`But: ${title} ${advice}`, ...commandLines(command, file));
		}
		return lines;
	}
	lines.push(`Damaged: ${first.title}`, `Data: ${wholenessText[first.data]}.`, ...todo(first, file));
	// What lies in a container is not mended in it.
	if (first.mend && first.mend.kind !== "extract" && diagnosis.faults[0] === first) lines.push(...file.repair());
	if (faults.length > 1) lines.push(`Further: ${plural(faults.length - 1, "fault")}, below.`);
	return lines;
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

/** The file in commands: its name as Python writes it, and opened as it is packed. */
class CommandFile {
	readonly #file: string | undefined;
	/** As Python writes it. */
	readonly #name: string | undefined;
	readonly #format: string;

	constructor(name: string | undefined, format: string) {
		this.#file = name === undefined ? undefined : escapeControls(name);
		this.#name = name === undefined ? undefined : `'${escapeControls(name).replace(/[\\']/g, "\\$&")}'`;
		this.#format = format;
	}

	/** How picklet mends it, if it has a name. */
	repair(): string[] {
		return this.#file === undefined ? [] : [`    picklet repair '${this.#file.replaceAll("'", "'\\''")}' mended.pkl`];
	}

	in(command: string): string {
		const opened = this.#format === "gzip data" ? packedWith("gzip", command) : command;
		return this.#name === undefined ? opened : opened.replace(/\bFILE\b/g, () => this.#name as string);
	}
}

/** The command for a file that a module of Python opens. */
function packedWith(module: string, command: string): string {
	const opened = command.replaceAll("open(FILE, 'rb')", `${module}.open(FILE, 'rb')`);
	return opened === command ? command : opened.replace(/^import /, `import ${module}, `);
}

function* layers(diagnosis: Diagnosis): Generator<Diagnosis> {
	for (let layer: Diagnosis | undefined = diagnosis; layer; layer = layer.inside) yield layer;
}

function innermost(diagnosis: Diagnosis): Diagnosis {
	return [...layers(diagnosis)].at(-1) ?? diagnosis;
}

/** The faults of a file and of all that lies in it, the outer ones first. */
export function allFaults(diagnosis: Diagnosis): readonly Fault[] {
	return [...layers(diagnosis)].flatMap(({ faults }) => faults);
}

function detailLines(diagnosis: Diagnosis, file: CommandFile): string[] {
	const inner = innermost(diagnosis);
	const faults = allFaults(diagnosis);
	return [
		...faults.flatMap((fault, i) => faultLines(fault, i, file)),
		...inner.conditions.flatMap((condition) => conditionLines(condition, file)),
		...[...layers(diagnosis)].flatMap(({ notes }) => notes.map((note) => `Note: ${note}`)),
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
