import { type BytesInput, plainBytes } from "../../bytes/plain.ts";
import { type ByteSource, bytesSource } from "../../bytes/source.ts";
import { identify } from "../../containers/identify.ts";
import type { Recognition } from "../../containers/recognize.ts";
import { isPickleError, type PickleError } from "../../errors.ts";
import { type Limits, resolveLimits } from "../../limits.ts";
import { conditionsOf } from "./conditions.ts";
import type { Diagnosis, Fault, FormatReport, Wholeness } from "./diagnosis.ts";
import { failsAtOnce, findFaults, walkWrapped } from "./faults/index.ts";
import { cPickle3 } from "./faults/overflow.ts";
import { undo } from "./faults/text.ts";
import { emptyFormat, formatOf, mistakeFault } from "./formats.ts";
import { type Deflated, inflated, packing } from "./inflated.ts";
import { npyFault, npyHeader } from "./npy.ts";
import { readersOf } from "./readers.ts";
import { statisticsOf } from "./statistics.ts";
import { isLegacyTorch, storageFault } from "./torch.ts";
import { decodeTransport, mayBeTransport, transportPython } from "./transport.ts";
import { isBlank, type Walk } from "./walk.ts";
import { Reader, readAt, type SizedSource, sized } from "./window.ts";
import { plural } from "./words.ts";
import { writerOf } from "./writer.ts";
import { type Member, memberBytes, part, zipMembers } from "./zip.ts";

export interface DiagnoseOptions {
	/** Of what containers may unpack to. */
	readonly limits?: Partial<Limits>;
}

/** Containers in containers that are opened. */
const MAX_LAYERS = 3;
/** Text that may be a pickle's is decoded up to here. */
const MAX_TEXT = 1 << 26;

/**
 * Says what a file is, whether it is whole, what wrote it, which readers load it and, if it is damaged, where and how. Payloads
 * are not read, so that a file of any size takes little time and memory; containers are unpacked piece by piece.
 *
 * @returns a diagnosis whatever the bytes are
 * @throws PickleError E_SOURCE if the source cannot be read; TypeError for what is no source
 */
export async function diagnose(source: BytesInput | ByteSource, options: DiagnoseOptions = {}): Promise<Diagnosis> {
	const limits = resolveLimits(options.limits);
	const bytes = isSource(source) ? source : bytesSource(plainBytes(source));
	return new Diagnostician(limits).examine(await sized(bytes), 0);
}

/** Whether it is a source, not bytes. */
export function isSource(source: unknown): source is ByteSource {
	return typeof source === "object" && source !== null && typeof (source as ByteSource).read === "function";
}

class Diagnostician {
	readonly #limits: Limits;

	constructor(limits: Limits) {
		this.#limits = limits;
	}

	async examine(source: SizedSource, layer: number): Promise<Diagnosis> {
		if (source.size === 0) return emptyDiagnosis();
		const reader = new Reader(source);
		const head = (await reader.window(0, 1 << 16)).slice(0, 1 << 16);
		// What is packed twice is named, not opened: it may be any number of times its size.
		const packed = layer === 0 ? await this.#packed(source, head, layer) : undefined;
		if (packed) return packed;
		const { walked, lengths } = await walkWrapped(reader);
		const { failure, findings } = walked.first;
		if (failure) {
			const text = layer < MAX_LAYERS && failsAtOnce(failure) ? await this.#transport(source, head, layer) : undefined;
			if (text) return text;
			const format = formatOf(head, failure, findings.instructions);
			if (format) return await this.#other(source, head, format, layer);
		}
		const found = await pickleDiagnosis(reader, head, walked, lengths);
		return layer < MAX_LAYERS ? await this.#mended(source, found, layer) : found;
	}

	/** What all bytes suffered is told of them; who wrote the pickle, and who reads it, of what is left once that is undone. */
	async #mended(source: SizedSource, found: Diagnosis, layer: number): Promise<Diagnosis> {
		const [fault] = found.faults;
		const name = fault && damagedNames[fault.code];
		if (fault === undefined || name === undefined) return found;
		const mended = await undone(source, fault);
		const format = { name, kind: "container", advice: fault.advice } as const;
		if (mended) return containerDiagnosis(source.size, format, [fault], await this.examine(mended, layer + 1));
		const { size, data, faults, conditions, notes } = found;
		return { size, format: { ...format, kind: "pickle" }, data, faults, conditions, notes, readers: found.readers };
	}

	async #packed(source: SizedSource, head: Uint8Array, layer: number): Promise<Diagnosis | undefined> {
		const found = packing(source, head);
		return found && this.#unpack(found.source, found.how, found.format, layer);
	}

	async #unpack(source: SizedSource, how: Deflated, format: FormatReport, layer: number): Promise<Diagnosis> {
		try {
			const inside = await this.examine(await inflated(source, how, this.#limits), layer + 1);
			return containerDiagnosis(source.size, format, [], inside);
		} catch (error) {
			if (!isPickleError(error, "E_CONTAINER", "E_LIMIT")) throw error;
			return containerDiagnosis(source.size, format, [containerFault(format, error)], undefined);
		}
	}

	async #transport(source: SizedSource, head: Uint8Array, layer: number): Promise<Diagnosis | undefined> {
		if (source.size > MAX_TEXT || !mayBeTransport(head.subarray(0, 4096))) return undefined;
		const found = decodeTransport(await readAt(source, 0, source.size));
		if (found === undefined) return undefined;
		const name = transportNames[found.encoding];
		const inside = await this.examine(await sized(bytesSource(found.bytes)), layer + 1);
		const fault: Fault = {
			code: "transport-text",
			offset: 0,
			title: `The pickle was saved as text: ${name}.`,
			evidence: `Decoded, it begins with PROTO, 80 0${found.bytes[1]}.`,
			data: inside.data,
			advice: "Decode it first; nothing is lost.",
			command: transportPython[found.encoding],
			mend: { kind: "decode", encoding: found.encoding },
		};
		return containerDiagnosis(source.size, { name, kind: "container", advice: fault.advice }, [fault], inside);
	}

	/** What is no bare pickle: an archive or array file that may hold one, or something else. */
	async #other(source: SizedSource, head: Uint8Array, found: Recognition, layer: number): Promise<Diagnosis> {
		if (/zip archive|npz/.test(found.name)) return this.#zip(source, found, layer);
		if (found.name === "a .npy file") return this.#npy(source, found, layer);
		const fault = mistakeFault(found, head);
		const isPacked = / data$|archive$/.test(found.name);
		const format: FormatReport = { name: found.name, kind: isPacked ? "container" : "other", advice: found.advice };
		return containerDiagnosis(source.size, format, fault ? [fault] : [], undefined);
	}

	async #npy(source: SizedSource, { name, advice }: Recognition, layer: number): Promise<Diagnosis> {
		const header = await npyHeader(source);
		const format = { name, kind: "container", advice } as const;
		const isPickle = header?.isObject && header.start < source.size && layer < MAX_LAYERS;
		const inside = isPickle
			? await this.examine(part(source, header.start, source.size - header.start), layer + 1)
			: undefined;
		const fault = header && npyFault(header, source.size);
		return containerDiagnosis(source.size, format, fault ? [fault] : [], inside);
	}

	async #zip(source: SizedSource, found: Recognition, layer: number): Promise<Diagnosis> {
		const members = await zipMembers(source);
		const format: FormatReport = members ? zipFormat(members) : { ...found, kind: "container" };
		if (members === undefined) return containerDiagnosis(source.size, format, [cutArchive(source.size)], undefined);
		const pickle = pickleMember(members);
		const stored = pickle && layer < MAX_LAYERS ? await memberBytes(source, pickle) : undefined;
		if (pickle === undefined || stored === undefined) return containerDiagnosis(source.size, format, [], undefined);
		if (pickle.method === 8) {
			const inside = await this.#unpack(
				stored,
				"deflate-raw",
				{ name: pickle.name, kind: "container", advice: "" },
				layer,
			);
			return containerDiagnosis(source.size, format, inside.faults, inside.inside);
		}
		if (pickle.method !== 0) return containerDiagnosis(source.size, format, [], undefined);
		const inside = await this.examine(stored, layer + 1);
		return containerDiagnosis(source.size, format, [], isTorchZip(format) ? withLoader(inside) : inside);
	}
}

/** What a file is whose bytes all suffered the same. */
const damagedNames: Partial<Record<Fault["code"], string>> = {
	crlf: "a pickle with line ends of text mode",
	utf8: "a pickle re-encoded as UTF-8",
	bom: "a pickle behind a byte order mark",
	leading: "a pickle behind other bytes",
	replaced: "a pickle decoded as UTF-8",
	"seven-bit": "a pickle without its top bits",
	"newlines-lost": "a pickle without its CRs",
	"lf-to-cr": "a pickle with CR for LF",
};

/** Text damage of files up to here is undone to see what is left. */
const MAX_MENDED = 1 << 24;

/** The bytes before a damage of all of them; undefined if they are not known. */
async function undone(source: SizedSource, { mend }: Fault): Promise<SizedSource | undefined> {
	if (mend?.kind === "remove" && mend.offset === 0) return part(source, mend.length, source.size - mend.length);
	if (mend?.kind !== "transform" || source.size > MAX_MENDED) return undefined;
	const bytes = undo(await readAt(source, 0, source.size), mend.steps, false);
	return bytes && sized(bytesSource(bytes));
}

const transportNames = {
	base64: "base64 text",
	hex: "hexadecimal text",
	repr: "the repr of bytes",
	"utf-16le": "UTF-16 text (little-endian)",
	"utf-16be": "UTF-16 text (big-endian)",
} as const;

function zipFormat(members: readonly Member[]): FormatReport {
	const names = members.map(({ name }) => name);
	const kinds: readonly (readonly [boolean, string, string])[] = [
		[names.some((name) => /(^|\/)data\.pkl$/.test(name)), "a zip archive of torch.save (.pt)", "torch.load reads it"],
		[names.length > 0 && names.every((name) => name.endsWith(".npy")), "a numpy .npz archive", "numpy.load reads it"],
		[names.includes("schema.json"), "a file of skops", "skops.io.load reads it"],
	];
	const [, name, advice] = kinds.find(([is]) => is) ?? [true, "a zip archive", "unpack it first, as unzip does"];
	return { name, kind: "container", advice, members: names };
}

function isTorchZip({ name }: FormatReport): boolean {
	return name.includes("torch.save");
}

/** torch.load brings the loader of persistent ids. */
function withLoader(diagnosis: Diagnosis): Diagnosis {
	const conditions = diagnosis.conditions.map((condition) =>
		condition.code === "persistent-loader" ? { ...condition, advice: "torch.load brings the loader." } : condition,
	);
	return { ...diagnosis, conditions };
}

/** The member that is the pickle: torch's data.pkl, or the only one. */
function pickleMember(members: readonly Member[]): Member | undefined {
	const named = members.find(({ name }) => /(^|\/)data\.pkl$/.test(name));
	return named ?? (members.length === 1 && !members[0]?.name.endsWith("/") ? members[0] : undefined);
}

function cutArchive(size: number): Fault {
	return {
		code: "container",
		offset: size,
		title: "The zip archive has no directory at its end: it is cut, or was never finished.",
		evidence: `It begins as a zip archive, but no end record lies in the last ${Math.min(size, 65_557)} bytes.`,
		data: "partly",
		advice: "Members before the cut can be recovered: zip -FF FILE --out fixed.zip. Copy the file again.",
		command: "zip -FF FILE --out fixed.zip",
	};
}

function containerFault({ name, advice }: FormatReport, error: PickleError): Fault {
	return {
		code: "container",
		offset: 0,
		title: `The ${name} cannot be unpacked.`,
		evidence: error.reason,
		data: "unknown",
		advice:
			error.code === "E_LIMIT" ? "Raise the limit if the file can be trusted." : `Copy the file again (${advice}).`,
	};
}

function containerDiagnosis(
	size: number,
	format: FormatReport,
	faults: readonly Fault[],
	inside: Diagnosis | undefined,
): Diagnosis {
	const data = worst([...faults.map((fault) => fault.data), inside?.data ?? (faults.length > 0 ? "whole" : "unknown")]);
	const conditions = inside?.conditions ?? [];
	return { size, format, data, faults, conditions, notes: [], readers: [], ...(inside && { inside }) };
}

/** The worst of what is said about the data. */
function worst(all: readonly Wholeness[]): Wholeness {
	return (["lost", "partly", "unknown"] as const).find((each) => all.includes(each)) ?? "whole";
}

function emptyDiagnosis(): Diagnosis {
	const fault: Fault = {
		code: "empty",
		offset: 0,
		title: "The file is empty.",
		evidence:
			"It has 0 bytes. Python 3's C pickler leaves that when a payload of 4 GiB or more does not fit protocol 3 or below: it writes nothing before it is done. So does a program that stopped after opening the file.",
		data: "lost",
		advice: "Nothing of the object is there. Write it again, with protocol 4 if it may be that large.",
		command: "import pickle; pickle.dump(obj, open(FILE, 'wb'), protocol=4)",
		overflow: { writer: cPickle3.writer, limit: cPickle3.limit, error: cPickle3.error },
	};
	return { size: 0, format: emptyFormat, data: "lost", faults: [fault], conditions: [], notes: [], readers: [] };
}

async function pickleDiagnosis(
	reader: Reader,
	head: Uint8Array,
	walked: Walk,
	lengths: ReadonlyMap<number, number>,
): Promise<Diagnosis> {
	const { source } = reader;
	const { findings, pickles } = walked;
	const isTorch = isLegacyTorch(head);
	const faults = await faultsOf(reader, walked, lengths, isTorch);
	const isPadded = faults.some(({ code }) => code === "padding");
	const trailing = isTorch || isPadded || faults.length > 0 ? undefined : await trailingOf(reader, walked);
	const loader = isTorch ? "torch.load brings the loader." : undefined;
	const separate = isTorch ? 1 : pickles;
	const conditions = conditionsOf(findings, { pickles: separate, sharedMemo: walked.sharedMemo, trailing, loader });
	const notes = findings.zeroRun
		? [
				`${plural(findings.zeroRun.length, "zero byte")} in a row from offset ${findings.zeroRun.offset} on: a healthy array can hold them, and so can a page that was never written.`,
			]
		: [];
	return {
		size: source.size,
		format: pickleFormat(walked, isTorch),
		data: worst(faults.map((fault) => fault.data)),
		faults,
		conditions,
		notes,
		writer: writerOf(findings),
		readers: readersOf(findings, faults, conditions),
		statistics: statisticsOf(findings, pickles),
	};
}

async function faultsOf(
	reader: Reader,
	walked: Walk,
	lengths: ReadonlyMap<number, number>,
	isTorch: boolean,
): Promise<readonly Fault[]> {
	if (!isTorch || walked.pickles < 5) return findFaults(reader, walked, lengths);
	const fault = storageFault(reader.source, walked);
	return fault ? [fault] : [];
}

function pickleFormat({ findings, pickles }: Walk, isTorch: boolean): FormatReport {
	const protocol = Math.max(findings.protocol ?? 0, findings.neededProtocol);
	if (isTorch)
		return { name: "a file of torch.save's format before 1.6", kind: "pickle", advice: "torch.load reads it" };
	if (findings.joblibArrays > 0) {
		return {
			name: "a file of joblib, with arrays between the opcodes",
			kind: "pickle",
			advice: "joblib.load reads it",
		};
	}
	const name =
		pickles > 1 ? `${plural(pickles, "pickle")} of protocol ${protocol}` : `a pickle of protocol ${protocol}`;
	return { name, kind: "pickle", advice: "" };
}

/** What follows the last pickle and is none. */
async function trailingOf({ source }: Reader, { pickles, end, rest }: Walk) {
	if (pickles === 0 || rest === undefined) return undefined;
	const bytes = await readAt(source, end, 4096);
	const blank = isBlank(bytes, 0);
	const name = blank ? "line ends and spaces" : (identify(bytes, true)?.name ?? "of no known format");
	return { offset: end, length: source.size - end, name };
}
