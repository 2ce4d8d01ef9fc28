import { identify } from "../containers/identify.ts";
import { escapeControls } from "../errors.ts";
import { type DisassemblySettings, settingsOf } from "../inspect/disassemble.ts";
import { DisassemblyMemo } from "../inspect/machine.ts";
import { asciiCharacter, reprCharacter } from "../inspect/repr.ts";
import { disassembleSource } from "../inspect/source.ts";
import { type Command, type OptionValues, type Terminal, UsageError } from "./command.ts";
import { failureText, newReading } from "./failures.ts";
import { type OpenFile, openFile, unpackedSource } from "./input.ts";
import { writeProblemOf, writeTarget } from "./target.ts";

/** As wide as `python -m pickletools --annotate`. */
const ANNOTATIONS = 30;

/** `picklet dis` */
export const dis: Command = {
	name: "dis",
	operands: "FILE...",
	summary: "print the instructions of the first pickle in each file",
	description: `The lines and options are those of Python's pickletools: offset, opcode, name,
argument. With --full they are the same to the byte; without it, arguments of
more than 1024 bytes are shortened. Nothing is decoded or run, and a file of any
size takes little memory. A FILE may be packed as for show; - is standard input.`,
	options: {
		annotate: { type: "boolean", short: "a", help: "say in each line what the opcode does" },
		indentlevel: {
			type: "string",
			short: "l",
			value: "N",
			help: "indent by N blanks what follows a MARK (default 4)",
		},
		memo: { type: "boolean", short: "m", help: "keep the memo from file to file, as one Pickler writes them" },
		output: { type: "string", short: "o", value: "OUT", help: "write to the file OUT, and replace it if it exists" },
		preamble: {
			type: "string",
			short: "p",
			value: "TEXT",
			help: 'before each of several files print TEXT (default\n"==> {name} <=="; {name!r} quotes the name)',
		},
		full: { type: "boolean", help: "print all of every argument" },
	},
	async run(options, files, terminal) {
		if (files.length === 0) throw new UsageError("dis needs a FILE, or - for standard input");
		const work = { status: 0, terminal, settings: disSettings(options), title: titles(options, files.length) };
		const { output } = options;
		if (typeof output !== "string") {
			for await (const text of disassemblies(files, work)) await terminal.write(text);
			return work.status;
		}
		try {
			await writeTarget(output, encoded(disassemblies(files, work)));
			return work.status;
		} catch (error) {
			const problem = writeProblemOf(error, output);
			if (problem === undefined) throw error;
			terminal.complain(`picklet: ${problem}`);
			return 1;
		}
	},
};

interface Work {
	/** The exit status so far. */
	status: number;
	readonly terminal: Terminal;
	/** Those of the next file. */
	readonly settings: () => DisassemblySettings;
	readonly title: (file: string) => string;
}

/** @throws UsageError */
function disSettings({ annotate, indentlevel = "4", memo, full }: OptionValues): () => DisassemblySettings {
	if (!/^-?\d{1,4}$/.test(indentlevel as string)) {
		throw new UsageError(`--indentlevel takes a number of blanks, not "${indentlevel}"`);
	}
	const kept = memo === true ? new DisassemblyMemo() : undefined;
	const options = { indentLevel: Number(indentlevel), annotate: annotate === true ? ANNOTATIONS : 0, memo: kept };
	return () => ({ ...settingsOf(options), shorten: full !== true });
}

/** A field of Python's `format`: the name as it is, or by `repr` or `ascii`; braces. */
const FIELD = /\{name(?:!([sra]))?\}|\{\{|\}\}/g;

/** What stands before each of several files: Python's `format` of the preamble. @throws UsageError */
function titles({ preamble = "==> {name} <==" }: OptionValues, count: number): (file: string) => string {
	if (count < 2) return () => "";
	const text = preamble as string;
	if (/[{}]/.test(text.replace(FIELD, ""))) {
		const known = "{name}, {name!r}, {name!s} and {name!a}";
		throw new UsageError(`--preamble knows ${known} only, and {{ and }} for braces: not "${text}"`);
	}
	return (file) => `${text.replace(FIELD, (field, way) => titlePart(file, field, way))}\n`;
}

function titlePart(file: string, field: string, way: string | undefined): string {
	if (field === "{{" || field === "}}") return field.slice(1);
	if (way === undefined || way === "s") return escapeControls(file);
	return quotedText(file, way === "r" ? reprCharacter : asciiCharacter);
}

/** Python's `repr` or `ascii` of a text. */
function quotedText(text: string, charText: (code: number) => string): string {
	const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
	const chars = Array.from(text, (char) => (char === quote ? `\\${char}` : charText(char.codePointAt(0) as number)));
	return quote + chars.join("") + quote;
}

/** The disassembly of each file. What went wrong with one has been said. */
async function* disassemblies(files: readonly string[], work: Work): AsyncGenerator<string> {
	for (const file of files) {
		yield work.title(file === "-" ? "<stdin>" : file);
		yield* disassembleFile(file, work);
	}
}

/** So many bytes say what most files are that are no pickle. */
const HEAD = 65536;

async function* disassembleFile(file: string, work: Work): AsyncGenerator<string> {
	const { terminal } = work;
	const name = file === "-" ? "standard input" : escapeControls(file);
	const reading = newReading();
	let opened: OpenFile | undefined;
	try {
		opened = await openFile(file, terminal);
		const { source, format } = await unpackedSource(opened);
		reading.format = format;
		if (format) terminal.complain(`${name}: ${format}`);
		const head = new Uint8Array(Math.min(HEAD, source.size ?? HEAD));
		const bytes = head.subarray(0, await source.read(head, 0));
		// All of a small file, for what else there is to say of it.
		if (bytes.length === source.size || identify(bytes, false) !== undefined) reading.bytes = bytes;
		yield* disassembleSource(source, work.settings());
	} catch (error) {
		work.status = 1;
		terminal.complain(`picklet: ${name}: ${failureText(error, reading)}`);
	} finally {
		await opened?.close();
	}
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
	const encoder = new TextEncoder();
	for await (const text of texts) yield encoder.encode(text);
}
