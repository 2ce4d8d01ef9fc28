import { tmpdir } from "node:os";
import process from "node:process";
import { EncodeSession, encodePayloads } from "../codec/encode.ts";
import { resolveEncodeOptions } from "../codec/encode-options.ts";
import { type PlainValue, toPlain } from "../codec/plain.ts";
import { escapeControls, isPickleError } from "../errors.ts";
import { type DecodeOptions, type EncodeOptions, pickler, standardReducers } from "../index.ts";
import type { Pieces } from "../node/write.ts";
import type { PyValue } from "../values/value.ts";
import { commandText } from "./advice.ts";
import { type Command, type OptionValues, type Terminal, UsageError } from "./command.ts";
import { encodingOf, encodingOption } from "./encoding.ts";
import { diagnosisHint, failureText, newReading, type Reading } from "./failures.ts";
import { spilled } from "./held.ts";
import { type OpenFile, onePickle, openFile, readAll, unpackedFile } from "./input.ts";
import { jsonPieces } from "./json.ts";
import { arrayPieces } from "./npy.ts";
import { ProgressLine } from "./progress.ts";
import { takenText, writeProblemOf, writeTarget } from "./target.ts";

/** `picklet convert` */
export const convert: Command = {
	name: "convert",
	operands: "IN OUT",
	summary: "write the pickle in a file anew, for another Python or numpy",
	description: `IN holds one pickle, and may be packed with gzip, zlib, bz2, xz, lzma, zstd or
lz4; - is standard input. Large data is copied piece by piece. If its name ends
in .json it is JSON instead, with numbers as JavaScript has them: 1.0 becomes an
int. It may also be numpy's .npy or .npz, and a name of OUT that ends so makes
one, of an array or a dict of arrays. A name of OUT that ends in .json makes
what show --json prints, with bytes as base64 and ints beyond 2^53 as text; NaN
and infinities are refused. OUT is written whole or not at all; - is standard
output. Objects whose class is not known here are written as they were read, and
nothing in them is run.`,
	options: {
		protocol: {
			type: "string",
			value: "N",
			help: "write protocol 0 to 5 (default 4; 2 with --python 2)",
		},
		python: { type: "string", value: "2", help: "write for Python 2.7, and read its str as bytes" },
		encoding: encodingOption,
		numpy: { type: "string", value: "1|2", help: "write arrays as this numpy does (default: for both)" },
		overflow: {
			type: "string",
			value: "WAY",
			help: `for a payload too large for the protocol: error, the default,
promote to protocol 4, or split, with --python 2`,
		},
		force: { type: "boolean", help: "replace OUT if it exists" },
	},
	async run(options, operands, terminal) {
		const [source, target, ...more] = operands;
		if (source === undefined || target === undefined || more.length > 0) {
			throw new UsageError("convert needs IN and OUT, or - for standard input or output");
		}
		const toJson = target.endsWith(".json");
		const encodeOptions = encodeOptionsOf(options);
		if (toJson) checkJsonOptions(options);
		const encoding = encodingOf(options) ?? (encodeOptions.python === 2 ? "bytes" : "auto");
		const floats = toJson ? "auto" : "exact";
		const work = { source, target, decodeOptions: { floats, encoding }, encodeOptions } as const;
		const problem = await convertFile(work, options["force"] === true, terminal);
		if (problem !== undefined) terminal.complain(`picklet: ${problem}`);
		return problem === undefined ? 0 : 1;
	},
};

/** @throws UsageError for what encoding would refuse */
function encodeOptionsOf({ protocol, python, numpy, overflow }: OptionValues): EncodeOptions {
	const options = {
		protocol: number(protocol),
		python: number(python),
		numpy: number(numpy),
		overflow,
	} as EncodeOptions;
	try {
		pickler(options);
	} catch (error) {
		throw error instanceof TypeError ? new UsageError(commandText(error.message), { cause: error }) : error;
	}
	return options;
}

/** @throws UsageError for what says how a pickle is written */
function checkJsonOptions(options: OptionValues): void {
	const given = ["protocol", "python", "numpy", "overflow"].find((name) => options[name] !== undefined);
	if (given !== undefined) throw new UsageError(`--${given} says how a pickle is written, and OUT is JSON`);
}

/** What is no number stays as it is, so that it is named when it is refused. */
function number(text: OptionValues[string]): unknown {
	return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : text;
}

/** What is to be converted. */
interface Work {
	readonly source: string;
	readonly target: string;
	readonly decodeOptions: DecodeOptions;
	readonly encodeOptions: EncodeOptions;
}

/** @returns what went wrong, in a line; undefined if nothing did */
async function convertFile(work: Work, force: boolean, terminal: Terminal): Promise<string | undefined> {
	const { source, target } = work;
	const from = source === "-" ? "standard input" : escapeControls(source);
	const reading = newReading();
	let input: OpenFile | undefined;
	let unpacked: OpenFile | undefined;
	const hold = spilled(target);
	try {
		const taken = force ? undefined : await takenText(target);
		if (taken !== undefined) return taken;
		input = await openFile(source, terminal, hold);
		if (!source.endsWith(".json")) unpacked = await unpackedFile(input, reading, terminal, hold);
		await convertOpen(unpacked ?? input, work, reading, terminal);
		return undefined;
	} catch (error) {
		if (error instanceof NoJson) return `${from}: ${escapeControls(error.message)}`;
		if (error instanceof Interrupted) return `${escapeControls(target)}: interrupted, nothing was written`;
		// What standard output itself refuses ends the process.
		const problem = writeProblemOf(error, target === "-" ? tmpdir() : target);
		return problem ?? `${from}: ${failureText(error, reading)}${await diagnosisHint(error, source, input?.source)}`;
	} finally {
		await unpacked?.close();
		await input?.close();
	}
}

async function convertOpen(
	input: OpenFile,
	{ source, target, decodeOptions, encodeOptions }: Work,
	reading: Reading,
	terminal: Terminal,
): Promise<void> {
	if (source.endsWith(".json")) {
		await writeValue(parseJson(input.bytes ?? (await readAll(input.source))), target, encodeOptions, terminal);
		return;
	}
	const toJson = target.endsWith(".json");
	const value = await onePickle(input, decodeOptions, reading, terminal, !toJson);
	// What fails from here on is no fault of the bytes that were read.
	Object.assign(reading, { bytes: undefined, format: undefined });
	try {
		await writeValue(value, target, encodeOptions, terminal);
	} catch (error) {
		// What cannot be copied as it lies in the file may be written once it is read. Nothing went to standard output by then.
		const isPickle = target !== "-" && !/\.(json|np[yz])$/.test(target);
		if (!isPickle || !isPickleError(error, "E_UNENCODABLE", "E_TOO_LARGE")) throw error;
		const read = await onePickle(input, decodeOptions, newReading(), terminal, false);
		await writeValue(read, target, encodeOptions, terminal);
	}
}

async function writeValue(value: unknown, target: string, options: EncodeOptions, terminal: Terminal): Promise<void> {
	const pieces = piecesOf(value, target, options);
	if (target === "-") return writeTarget(target, pieces);
	const line = new ProgressLine(terminal, "written");
	try {
		await interruptibly((signal) => writeTarget(target, pieces, { onProgress: line.update, signal }));
	} finally {
		line.end();
	}
}

/** What the name of the target asks for. */
function piecesOf(value: unknown, target: string, options: EncodeOptions): Pieces {
	if (target.endsWith(".json")) return jsonBytes(toPlain(value as PyValue));
	const arrays = arrayPieces(value, target, options);
	return arrays ?? encodePayloads(value, new EncodeSession(resolveEncodeOptions(options, standardReducers)));
}

function* jsonBytes(value: PlainValue): Generator<Uint8Array> {
	const encoder = new TextEncoder();
	for (const piece of jsonPieces(value, true)) yield encoder.encode(piece);
	yield encoder.encode("\n");
}

class Interrupted extends Error {
	override readonly name = "Interrupted";
}

/** Does a work that Ctrl-C ends in order: it leaves nothing behind. */
async function interruptibly(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
	const controller = new AbortController();
	const interrupt = () => controller.abort(new Interrupted());
	const signals = ["SIGINT", "SIGTERM"] as const;
	for (const name of signals) process.once(name, interrupt);
	try {
		await work(controller.signal);
	} finally {
		for (const name of signals) process.removeListener(name, interrupt);
	}
}

class NoJson extends Error {
	override readonly name = "NoJson";
}

/** @throws NoJson */
function parseJson(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch (cause) {
		const why = cause instanceof SyntaxError ? cause.message : "it is not UTF-8";
		throw new NoJson(`not JSON: ${why}`, { cause });
	}
}
