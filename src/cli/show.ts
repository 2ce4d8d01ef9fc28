import { toPlain } from "../codec/plain.ts";
import { escapeControls } from "../errors.ts";
import { type DecodeOptions, decodeAll } from "../index.ts";
import { resolveLimits } from "../limits.ts";
import { readBytes, unpack } from "../node/read.ts";
import type { PyValue } from "../values/value.ts";
import { type Command, type OptionValues, type Terminal, UsageError } from "./command.ts";
import { failureText, isBlankEnd, type Progress } from "./failures.ts";
import { jsonPieces } from "./json.ts";
import { holdsArrays, readArrays } from "./npy.ts";
import { Output } from "./output.ts";
import { Printer, type PrintLimits } from "./print.ts";
import { grouped } from "./words.ts";

const encodings = ["auto", "ascii", "latin1", "utf-8", "bytes"] as const;

/** `picklet show` */
export const show: Command = {
	name: "show",
	operands: "FILE...",
	summary: "print what the pickles in each file hold",
	description: `Values stand as Python would write them: None, tuples as (1, 2), b'bytes',
numpy arrays with their shape and dtype. An object whose class is not known here
stands in <>, and nothing in it has been run. Long values are shortened. A FILE
may hold several pickles, and may be packed with gzip or zlib, or be numpy's
.npy or .npz; - is standard input. What is no pickle is named, where its
content tells.`,
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
		encoding: {
			type: "string",
			value: "E",
			help: `read Python 2's str as ${encodings.slice(1, -1).join(", ")} or bytes;
auto, the default, takes as text what is UTF-8`,
		},
		full: { type: "boolean", help: "show all items, characters and digits" },
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
	readonly maxDepth: number;
	readonly limits: PrintLimits;
	readonly decodeOptions: DecodeOptions;
}

function settingsOf(options: OptionValues, { width }: Terminal): Settings {
	const { json = false, full = false, depth, encoding = "auto", "keep-memo": keepMemo = false } = options;
	if (!encodings.includes(encoding as "auto")) {
		throw new UsageError(`--encoding is one of ${encodings.join(", ")}, not "${encoding}"`);
	}
	if (depth !== undefined && !/^\d{1,9}$/.test(depth as string)) {
		throw new UsageError(`--depth takes a number of levels, not "${depth}"`);
	}
	const levels = depth === undefined ? undefined : Number(depth);
	const bounded: PrintLimits = { width, depth: levels ?? 8, items: 10, entries: 50, values: 1000, full: false };
	const all = Number.POSITIVE_INFINITY;
	const whole: PrintLimits = { width, depth: levels ?? 1000, items: all, entries: all, values: all, full: true };
	return {
		json: json === true,
		maxDepth: levels ?? 1000,
		limits: full ? whole : bounded,
		decodeOptions: {
			encoding: encoding as "auto",
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
	const progress: Progress = { bytes: undefined, format: undefined, pickles: 0 };
	try {
		await output.write(title);
		const read = file === "-" ? await terminal.readInput() : await readBytes(file);
		const { bytes, format } = await unpack(read, resolveLimits());
		Object.assign(progress, { bytes: holdsArrays(bytes) ? undefined : bytes, format });
		if (format) terminal.complain(`${name}: ${format}`);
		const arrays = await readArrays(bytes, settings.decodeOptions);
		const values = counted(arrays ?? decodeAll(bytes, settings.decodeOptions), progress);
		await (settings.json ? writeJson(values, settings, output) : writeText(values, settings, output));
		return true;
	} catch (error) {
		await output.flush();
		if (isBlankEnd(error, progress)) {
			terminal.complain(`${name}: line ends or spaces follow the pickle`);
			return true;
		}
		terminal.complain(`picklet: ${name}: ${failureText(error, progress)}`);
		return false;
	}
}

function* counted(values: Iterable<PyValue>, progress: Progress): Generator<PyValue> {
	for (const value of values) {
		progress.pickles++;
		yield value;
	}
}

async function writeJson(values: Iterable<PyValue>, { maxDepth }: Settings, output: Output): Promise<void> {
	for (const value of values) {
		for (const piece of jsonPieces(toPlain(value, { maxDepth }))) await output.write(piece);
		await output.write("\n");
	}
	await output.flush();
}

async function writeText(values: Iterable<PyValue>, { limits }: Settings, output: Output): Promise<void> {
	const printer = new Printer(limits);
	let count = 0;
	let skipped = 0;
	for (const value of values) {
		count++;
		if (printer.exhausted) {
			skipped++;
			continue;
		}
		if (count > 1) await output.write(`\n# pickle ${count}\n`);
		for (const line of printer.lines(value)) await output.write(`${line}\n`);
	}
	if (printer.exhausted) {
		const pickles = skipped > 0 ? ` and ${grouped(skipped)} more pickle${skipped === 1 ? "" : "s"}` : "";
		await output.write(`# stopped after ${grouped(limits.values)} values${pickles}: --full shows all\n`);
	}
	await output.flush();
}
