import type { Condition, Diagnosis, Fault } from "./diagnosis.ts";

/* The Python that loads what lies in a file, through all that is around it. Commands name the file FILE; expressions that unpack
   name the bytes around what they give DATA. */

const READ = "open(FILE, 'rb').read()";
const OPEN = "open(FILE, 'rb')";
/** A command that loads bytes made of the file's. */
const LOADS = /^import [\w, ]+; pickle\.loads\((.*)\)$/;

/** The expression for the bytes that a command loads; undefined for a command that does something else. */
export function unpackOf(command: string | undefined): string | undefined {
	const [, loaded] = LOADS.exec(command ?? "") ?? [];
	return loaded?.includes(READ) ? loaded.replace(READ, "DATA") : undefined;
}

/** The command that loads the bytes that an expression gives of DATA. */
export function loadsCommand(unpack: string): string {
	return `import pickle; pickle.loads(${unpack.replace("DATA", READ)})`;
}

/** Text as Python writes a str. If it is `hidden`, what stands for the file or for bytes in commands does not stand so in it. */
export function pythonText(text: string, hidden = false): string {
	const escaped = text.replace(/[\\']/g, "\\$&");
	const code = (word: string) => `\\x${word.charCodeAt(0).toString(16)}${word.slice(1)}`;
	return `'${hidden ? escaped.replace(/FILE|DATA/g, code) : escaped}'`;
}

/** Each layer of a file, the outermost first. */
export function layersOf(diagnosis: Diagnosis): readonly Diagnosis[] {
	const layers: Diagnosis[] = [];
	for (let layer: Diagnosis | undefined = diagnosis; layer; layer = layer.inside) layers.push(layer);
	return layers;
}

/** Where a layer lies. */
interface Place {
	/** The Python for the bytes of this layer, and for those of the innermost one; undefined where Python has none. */
	readonly here: string | undefined;
	readonly innermost: string | undefined;
	readonly isOuter: boolean;
	readonly hasInside: boolean;
	/** What reads the innermost one; undefined if it is damaged, or of another format. */
	readonly reader: "pickle" | "numpy" | undefined;
	/** Whether it needs to be told how to take strs of Python 2. */
	readonly latin1: boolean;
	/** Only torch.load reads it. */
	readonly torch: boolean;
}

/** The same diagnosis with commands that go through all layers of the file. */
export function withCommands(diagnosis: Diagnosis): Diagnosis {
	const layers = layersOf(diagnosis);
	const data: (string | undefined)[] = [READ];
	for (const { format } of layers) {
		const around = data.at(-1);
		data.push(around && format.unpack?.replaceAll("DATA", () => around));
	}
	const last = layers.at(-1) ?? diagnosis;
	const common = {
		innermost: data[layers.length - 1],
		reader: readerOf(last),
		latin1: last.conditions.some(({ code }) => code === "python2-str"),
		torch: layers.some(({ format }) => format.name.includes("torch.save")),
	};
	return layers.reduceRight<Diagnosis | undefined>((inside, layer, i) => {
		const place = { ...common, here: data[i], isOuter: i === 0, hasInside: i < layers.length - 1 };
		return {
			...layer,
			faults: layer.faults.map((fault) => rewritten(fault, faultCommand(fault, place))),
			conditions: inside?.conditions ?? layer.conditions.map((each) => rewritten(each, conditionCommand(each, place))),
			...(inside && { inside }),
		};
	}, undefined) as Diagnosis;
}

function readerOf({ format: { kind, name }, faults }: Diagnosis): Place["reader"] {
	if (!faults.every(({ code }) => code === "padding" || code === "double")) return undefined;
	if (kind === "pickle") return "pickle";
	return /\.np[yz]\b/.test(name) ? "numpy" : undefined;
}

function rewritten<T extends Fault | Condition>(report: T, command: string | undefined): T {
	const { command: _, ...rest } = report;
	return (command === undefined ? rest : { ...rest, command }) as T;
}

function conditionCommand({ command }: Condition, { here, torch }: Place): string | undefined {
	if (command === undefined || !command.includes(OPEN)) return command;
	if (torch) return "import torch; torch.load(FILE, encoding='latin1')";
	return here && tidied(command.replace(`pickle.load(${OPEN}`, () => `pickle.loads(${here}`));
}

function faultCommand({ command }: Fault, place: Place): string | undefined {
	const { here, innermost, isOuter, hasInside, reader, latin1 } = place;
	if (command === undefined || !/\bFILE\b/.test(command) || !command.startsWith("import ")) return command;
	const isUndoing = hasInside && unpackOf(command) !== undefined;
	if (isUndoing && innermost === undefined) return undefined;
	if (isUndoing && reader === "numpy") return tidied(`numpy.load(io.BytesIO(${innermost}), allow_pickle=True)`);
	if (isUndoing && reader !== "pickle") return tidied(`open('unpacked.pkl', 'wb').write(${innermost})`);
	const options = latin1 ? ", encoding='latin1'" : "";
	if (isUndoing) return tidied(`pickle.loads(${innermost}${options})`);
	if (isOuter && !command.includes("pickle.load")) return command;
	if (/pickle\.dump|torch\./.test(command)) return undefined;
	if (here === undefined) return undefined;
	const [, doubled] = /^import pickle; pickle\.loads\((.*)\)$/.exec(command) ?? [];
	if (doubled?.includes(`pickle.load(${OPEN})`)) {
		// The bytes within are bytes in either; text is text.
		const outer = latin1 && !doubled.includes(".encode(") ? ", encoding='bytes'" : "";
		const [before = "", after = ""] = doubled.split(`pickle.load(${OPEN})`);
		const within = `${before}pickle.loads(${here}${outer})${after.replaceAll(")", () => `${outer})`)}`;
		return tidied(`pickle.loads(${within}${options})`);
	}
	const loaded = unpackOf(command)?.replace("DATA", () => here) ?? here;
	return tidied(`pickle.loads(${loaded}${options})`);
}

const modules = [
	"ast",
	"base64",
	"binascii",
	"bz2",
	"codecs",
	"compression.zstd",
	"gzip",
	"io",
	"json",
	"lz4.frame",
	"lzma",
	"numpy",
	"pickle",
	"re",
	"zipfile",
	"zlib",
] as const;

/** Simpler where the file is opened at once, and with the modules that it needs. */
function tidied(command: string): string {
	const body = command
		.replace(/^import [\w, .]+; /, "")
		.replace(`io.BytesIO(${READ})`, "FILE")
		.replace(new RegExp(`\\b(gzip|bz2|lzma)\\.decompress\\(${escaped(READ)}\\)`), `$1.${READ}`)
		.replace(
			new RegExp(`\\bpickle\\.loads\\(((?:(?:gzip|bz2|lzma)\\.)?${escaped(OPEN)})\\.read\\(\\)(?=[,)])`),
			"pickle.load($1",
		);
	const needed = modules.filter((module) => new RegExp(`(?<![\\w.'])${escaped(module)}\\.`).test(body));
	return `${needed.length > 0 ? `import ${needed.join(", ")}; ` : ""}${body}`;
}

function escaped(text: string): string {
	return text.replace(/[().]/g, "\\$&");
}
