import { toPlain } from "../codec/plain.ts";
import { escapeControls } from "../errors.ts";
import type { DecodeOptions } from "../index.ts";
import type { PyValue } from "../values/value.ts";
import { type Command, type OptionValues, type Terminal, UsageError } from "./command.ts";
import { encodingOf, encodingOption } from "./encoding.ts";
import { diagnosisHint, failureText, isBlankEnd, newReading, type Reading } from "./failures.ts";
import { type OpenFile, openFile, pickles } from "./input.ts";
import { jsonPieces } from "./json.ts";
import { Output } from "./output.ts";
import { type ArrayPreview, readPreviews } from "./preview.ts";
import { Printer, type PrintLimits } from "./print.ts";
import { grouped } from "./words.ts";

/** `picklet show` */
export const show: Command = {
	name: "show",
	operands: "FILE...",
	summary: "print what the pickles in each file hold",
	description: `Values stand as Python would write them: None, tuples as (1, 2), b'bytes',
numpy arrays with their shape and dtype. An object whose class is not known here
stands in <>, and nothing in it has been run. Long values are shortened. A FILE
may hold several pickles, and may be packed with gzip, zlib, bz2, xz, lzma, zstd
or lz4, or be numpy's .npy or .npz; - is standard input. Of a file over 64 MiB,
or a .npz that unpacks to more, only what is shown is read. What is no pickle is
named, where its content tells.`,
	options: {
		json: {
			type: "boolean",
			help: `print JSON, a line for each pickle: tuples and sets as arrays,
dict keys as text, bytes as base64, ints beyond 2^53 as text,
NaN and infinities as null, objects as {"class": ...}`,
		},
		depth: {
			type: "string",
			value: "N",
			help: `show N levels of containers (default 8; 1000 with --full);
with --json, refuse more than N (default 1000)`,
		},
		encoding: encodingOption,
		full: { type: "boolean", help: "show all items, characters and digits" },
		values: {
			type: "boolean",
			help: `show the beginning of arrays also in files over 64 MiB, of
which only what is shown is read`,
		},
		"keep-memo": {
			type: "boolean",
			help: "let pickles refer to those before them, as one Pickler writes",
		},
	},
	async run(options, files, terminal) {
		if (files.length === 0) throw new UsageError("show needs a FILE, or - for standard input");
		const settings = settingsOf(options, terminal);
		let status = 0;
		for (const [index, file] of files.entries()) {
			const title = files.length > 1 && !settings.json ? titleOf(file, index, terminal) : "";
			if (!(await showFile(file, title, settings, terminal))) status = 1;
		}
		return status;
	},
};

interface Settings {
	readonly json: boolean;
	readonly values: boolean;
	readonly maxDepth: number;
	readonly limits: PrintLimits;
	readonly decodeOptions: DecodeOptions;
}

function settingsOf(options: OptionValues, { width }: Terminal): Settings {
	const { json = false, full = false, depth, "keep-memo": keepMemo = false, values = false } = options;
	if (depth !== undefined && !/^\d{1,9}$/.test(depth as string)) {
		throw new UsageError(`--depth takes a number of levels, not "${depth}"`);
	}
	const levels = depth === undefined ? undefined : Number(depth);
	const bounded: PrintLimits = { width, depth: levels ?? 8, items: 10, entries: 50, values: 1000, full: false };
	const all = Number.POSITIVE_INFINITY;
	const whole: PrintLimits = { width, depth: levels ?? 1000, items: all, entries: all, values: all, full: true };
	return {
		json: json === true,
		values: values === true,
		maxDepth: levels ?? 1000,
		limits: full ? whole : bounded,
		decodeOptions: {
			encoding: encodingOf(options),
			keepMemo: keepMemo === true,
			floats: json ? "auto" : "exact",
			copy: "never",
		},
	};
}

function titleOf(file: string, index: number, { isStyled }: Terminal): string {
	const title = `==> ${escapeControls(file)} <==`;
	return `${index > 0 ? "\n" : ""}${isStyled ? `\x1b[1m${title}\x1b[22m` : title}\n`;
}

/** Whether all went well; what did not has been said. */
async function showFile(file: string, title: string, settings: Settings, terminal: Terminal): Promise<boolean> {
	const output = new Output(terminal);
	const name = file === "-" ? "standard input" : escapeControls(file);
	const reading = newReading();
	let opened: OpenFile | undefined;
	try {
		await output.write(title);
		opened = await openFile(file, terminal);
		const lazy = !settings.json && !settings.limits.full;
		const values = counted(pickles(opened, settings.decodeOptions, reading, terminal, lazy), reading, (format) => {
			terminal.complain(`${name}: ${format}`);
		});
		await (settings.json ? writeJson(values, settings, output) : writeText(values, settings, output));
		return true;
	} catch (error) {
		await output.flush();
		if (isBlankEnd(error, reading)) {
			terminal.complain(`${name}: line ends or spaces follow the pickle`);
			return true;
		}
		const more = await diagnosisHint(error, file, opened?.source);
		terminal.complain(`picklet: ${name}: ${failureText(error, reading)}${more}`);
		return false;
	} finally {
		await opened?.close();
	}
}

async function* counted(
	values: AsyncIterable<PyValue>,
	reading: Reading,
	onFormat: (format: string) => void,
): AsyncGenerator<PyValue> {
	for await (const value of values) {
		if (reading.pickles === 0 && reading.format) onFormat(reading.format);
		reading.pickles++;
		yield value;
	}
}

async function writeJson(values: AsyncIterable<PyValue>, { maxDepth }: Settings, output: Output): Promise<void> {
	for await (const value of values) {
		for (const piece of jsonPieces(toPlain(value, { maxDepth }))) await output.write(piece);
		await output.write("\n");
	}
	await output.flush();
}

async function writeText(values: AsyncIterable<PyValue>, settings: Settings, output: Output): Promise<void> {
	const { limits } = settings;
	const previews = new Map<object, ArrayPreview>();
	const printer = new Printer(limits, previews);
	let count = 0;
	let skipped = 0;
	for await (const value of values) {
		count++;
		if (printer.exhausted) {
			skipped++;
			continue;
		}
		if (settings.values) for (const [array, preview] of await previewsOf(value, limits)) previews.set(array, preview);
		if (count > 1) await output.write(`\n# pickle ${count}\n`);
		for (const line of printer.lines(value)) await output.write(`${line}\n`);
	}
	if (printer.exhausted) {
		const pickles = skipped > 0 ? ` and ${grouped(skipped)} more pickle${skipped === 1 ? "" : "s"}` : "";
		await output.write(`# stopped after ${grouped(limits.values)} values${pickles}: --full shows all\n`);
	}
	await output.flush();
}

/** What is to be shown of the arrays that lie in the file yet: those that printing meets. */
async function previewsOf(value: PyValue, limits: PrintLimits): Promise<Map<object, ArrayPreview>> {
	const printer = new Printer(limits);
	for (const _ of printer.lines(value));
	return readPreviews(printer.unread);
}
