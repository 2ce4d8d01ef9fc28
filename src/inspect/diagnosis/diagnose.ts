import { bytesSource, type SourceInput, sourceOf } from "../../bytes/source.ts";
import { beginsContainer, identify } from "../../containers/identify.ts";
import type { Recognition } from "../../containers/recognize.ts";
import { isPickleError } from "../../errors.ts";
import { type Limits, resolveLimits } from "../../limits.ts";
import {
	archiveAsText,
	archiveDamages,
	cutArchive,
	isTorchZip,
	lostMember,
	lostMemberFault,
	mainMember,
	memberFormat,
	memberKind,
	memberPython,
	withLoader,
	zipFormat,
} from "./archives.ts";
import { conditionsOf } from "./conditions.ts";
import type { Condition, Diagnosis, Fault, FormatReport, Wholeness } from "./diagnosis.ts";
import { doubleFault, heldPickles, type Inner } from "./faults/double.ts";
import { findFaults, walkWrapped } from "./faults/index.ts";
import { cPickle3 } from "./faults/overflow.ts";
import { undo } from "./faults/text.ts";
import { formPart } from "./form.ts";
import { emptyFormat, formatOf, isUnlike, isZip, otherDiagnosis, unknownFormat } from "./formats.ts";
import { type Packed, type Packing, packing, unpackedFar } from "./inflated.ts";
import { containerDiagnosis, damagedFault, limitFault, worst } from "./layer.ts";
import { npyFault, npyHeader } from "./npy.ts";
import { layersOf, loadsCommand, unpackOf, withCommands } from "./python.ts";
import { readersOf } from "./readers.ts";
import { statisticsOf } from "./statistics.ts";
import { isLegacyTorch, storageFault } from "./torch.ts";
import { type Decoded, decodeTransport, mayBeTransport } from "./transport.ts";
import { isBlank, isBlankByte, isProto, tryBytes, type Walk } from "./walk.ts";
import { Reader, readAt, type SizedSource, sized } from "./window.ts";
import { plural } from "./words.ts";
import { writerOf } from "./writer.ts";
import { type Member, memberBytes, part, zipMembers } from "./zip.ts";

export interface DiagnoseOptions {
	/** Of what containers may unpack to. */
	readonly limits?: Partial<Limits>;
}

/** Containers in containers that are opened. */
const MAX_LAYERS = 4;
/** Of an archive of many files, bytes that are looked at. */
const MAX_ARCHIVE = 1 << 26;
/** Text that may be a pickle's is decoded up to here. */
const MAX_TEXT = 1 << 26;

/**
 * Says what a file is, whether it is whole, what wrote it, which readers load it and, if it is damaged, where and how. Payloads
 * are not read, so that a file of any size takes little time and memory; containers are unpacked piece by piece.
 *
 * @returns a diagnosis whatever the bytes are
 * @throws PickleError E_SOURCE if the source cannot be read; TypeError for what is no source
 */
export async function diagnose(source: SourceInput, options: DiagnoseOptions = {}): Promise<Diagnosis> {
	const limits = resolveLimits(options.limits);
	return withCommands(await new Diagnostician(limits).examine(await sized(sourceOf(source)), 0));
}

class Diagnostician {
	readonly #limits: Limits;
	/** Of the file, which pays for what it unpacks to, however often it is packed. */
	#size = 0;
	#mayMend = true;

	constructor(limits: Limits) {
		this.#limits = limits;
	}

	async examine(source: SizedSource, layer: number): Promise<Diagnosis> {
		if (source.size === 0) return emptyDiagnosis();
		if (layer === 0) this.#size = source.size;
		const reader = new Reader(source);
		const head = (await reader.window(0, 1 << 16)).slice(0, 1 << 16);
		const packed = layer < MAX_LAYERS ? packing(source, head) : undefined;
		if (packed) return this.#packed(source, packed, layer);
		// PERSID takes an archive up to its first LF, and what is stored in it may read on.
		const archive = isZip(head) && (await zipMembers(source)) ? identify(head, false) : undefined;
		if (archive) return this.#other(source, head, archive, layer);
		const { walked, lengths } = await walkWrapped(reader);
		const { failure, findings } = walked.first;
		if (failure && layer < MAX_LAYERS) {
			const text = (await this.#transport(source, head, layer)) ?? (await this.#form(source, head, layer));
			if (text) return text;
		}
		const format = failure && formatOf(head, failure, findings.instructions);
		if (format) return await this.#other(source, head, format, layer);
		const found = await pickleDiagnosis(reader, head, walked, lengths);
		if (isUnlike(found, walked.first, head)) {
			return (await this.#archiveAsText(source, layer)) ?? otherDiagnosis(source.size, unknownFormat, head);
		}
		return layer < MAX_LAYERS ? await this.#mended(source, found, layer) : found;
	}

	/** What all bytes suffered is told of them; who wrote the pickle, and who reads it, of what is left once that is undone. */
	async #mended(source: SizedSource, found: Diagnosis, layer: number): Promise<Diagnosis> {
		const [fault] = found.faults;
		const name = fault && damagedNames[fault.code];
		if (fault === undefined || name === undefined || (fault.data === "unknown" && fault.mend)) return found;
		const mended = await undone(source, fault);
		const unpack = unpackOf(fault.command);
		const format = { name, kind: "container", advice: fault.advice, ...(unpack && { unpack }) } as const;
		if (mended) return containerDiagnosis(source.size, format, [fault], await this.examine(mended, layer + 1));
		const { size, data, faults, conditions, notes } = found;
		return { size, format: { ...format, kind: "pickle" }, data, faults, conditions, notes, readers: found.readers };
	}

	/** Archives that text modes or decoders changed, which reads as nothing known, or as damage. */
	async #archiveAsText(source: SizedSource, layer: number): Promise<Diagnosis | undefined> {
		if (!this.#mayMend || source.size > MAX_MENDED || layer >= MAX_LAYERS) return undefined;
		const bytes = await readAt(source, 0, source.size);
		for (const steps of archiveDamages) {
			const before = undo(bytes, steps, false);
			if (before === undefined || !beginsContainer(before)) continue;
			this.#mayMend = false;
			const inside = await this.examine(await sized(bytesSource(before)), layer + 1);
			this.#mayMend = true;
			if (layersOf(inside).every(({ faults }) => faults.length === 0)) return archiveAsText(source.size, steps, inside);
		}
		return undefined;
	}

	async #packed(whole: SizedSource, { source, how, format }: Packing, layer: number): Promise<Diagnosis> {
		const found = await this.#unpack(source, how, format, layer);
		return found.faults.length === 0 ? found : ((await this.#archiveAsText(whole, layer)) ?? found);
	}

	async #unpack(source: SizedSource, how: Packed, format: FormatReport, layer: number): Promise<Diagnosis> {
		const maxRatio = (this.#limits.maxRatio * this.#size) / source.size;
		try {
			const found = await unpackedFar(source, how, { ...this.#limits, maxRatio });
			const { size } = found.source;
			const inside = size === 0 && found.damage ? undefined : await this.examine(found.source, layer + 1);
			if (found.damage === undefined) return containerDiagnosis(source.size, format, [], inside);
			const fault = damagedFault(source.size, how, format.name, found, inside);
			const unpack = unpackOf(fault.command);
			const { unpack: _, ...cut } = format;
			return containerDiagnosis(source.size, { ...cut, ...(unpack && { unpack }) }, [fault], inside);
		} catch (error) {
			if (!isPickleError(error, "E_LIMIT")) throw error;
			return containerDiagnosis(source.size, format, [limitFault(format, error)], undefined);
		}
	}

	async #transport(source: SizedSource, head: Uint8Array, layer: number): Promise<Diagnosis | undefined> {
		if (source.size > MAX_TEXT || !mayBeTransport(head.subarray(0, 4096))) return undefined;
		const found = decodeTransport(await readAt(source, 0, source.size));
		if (found === undefined) return undefined;
		const name = transportNames[found.encoding];
		const inside = await this.examine(await sized(bytesSource(found.bytes)), layer + 1);
		const { python } = found;
		const fault: Fault = {
			code: "transport-text",
			offset: 0,
			title: `The ${inside.format.kind === "pickle" ? "pickle" : "file"} was saved as text: ${name}.`,
			evidence: `Decoded, it is ${inside.format.name}.`,
			...decoding(found, inside.data),
		};
		const format = { name, kind: "container", advice: fault.advice, ...(python && { unpack: python }) } as const;
		return containerDiagnosis(source.size, format, [fault], inside);
	}

	async #form(source: SizedSource, head: Uint8Array, layer: number): Promise<Diagnosis | undefined> {
		const found = await formPart(source, head);
		if (found === undefined) return undefined;
		const { start, end } = found;
		const inside = await this.examine(part(source, start, end - start), layer + 1);
		const unpack = `DATA[${start}:${end}]`;
		const fault: Fault = {
			code: "leading",
			offset: 0,
			title: "The headers of a multipart form, as browsers upload files, stand around the pickle.",
			evidence: `The file begins with a boundary and headers; from offset ${start} to ${end} lies what was uploaded.`,
			data: inside.data,
			advice: `Take the bytes from offset ${start} to ${end}; ${keptText(inside.data)}.`,
			command: loadsCommand(unpack),
			mend: { kind: "extract", payload: start, length: end - start },
		};
		const format = { name: "multipart form data", kind: "container", advice: fault.advice, unpack } as const;
		return containerDiagnosis(source.size, format, [fault], inside);
	}

	/** What is no bare pickle: an archive or array file that may hold one, or something else. */
	async #other(source: SizedSource, head: Uint8Array, found: Recognition, layer: number): Promise<Diagnosis> {
		const isZip = /zip archive|npz/.test(found.name);
		if (!isZip && found.name !== "a .npy file") return otherDiagnosis(source.size, found, head);
		const diagnosis = isZip ? await this.#zip(source, found, layer) : await this.#npy(source, found, layer);
		return diagnosis.faults.length === 0 ? diagnosis : ((await this.#archiveAsText(source, layer)) ?? diagnosis);
	}

	async #npy(source: SizedSource, { name, advice }: Recognition, layer: number): Promise<Diagnosis> {
		const header = await npyHeader(source);
		const unpack = header && `DATA[${header.start}:]`;
		const format = { name, kind: "container", advice, ...(unpack && { unpack }) } as const;
		const isPickle = header?.isObject && header.start < source.size && layer < MAX_LAYERS;
		const inside = isPickle
			? await this.examine(part(source, header.start, source.size - header.start), layer + 1)
			: undefined;
		const fault = npyFault(header, source.size);
		return containerDiagnosis(source.size, format, fault ? [fault] : [], inside);
	}

	async #zip(source: SizedSource, found: Recognition, layer: number): Promise<Diagnosis> {
		const members = await zipMembers(source);
		if (members === undefined) {
			return containerDiagnosis(source.size, { ...found, kind: "container" }, [cutArchive(source.size)], undefined);
		}
		const format = zipFormat(members);
		const lost = await lostMember(source, members);
		if (lost) return containerDiagnosis(source.size, format, [lostMemberFault(lost)], undefined);
		const main = mainMember(members);
		if (layer >= MAX_LAYERS) return containerDiagnosis(source.size, format, [], undefined);
		if (main === undefined) return this.#members(source, format, members, layer);
		const read = await this.#member(source, main, layer);
		if (read === undefined) return containerDiagnosis(source.size, format, [], undefined);
		const isTorch = isTorchZip(format);
		const opened = isTorch ? format : { ...format, unpack: memberPython(main) };
		return containerDiagnosis(source.size, opened, read.faults, isTorch ? withLoader(read.inside) : read.inside);
	}

	/** Of an archive of many files, the first that is damaged, or the first that is a pickle. */
	async #members(
		source: SizedSource,
		format: FormatReport,
		members: readonly Member[],
		layer: number,
	): Promise<Diagnosis> {
		let left = MAX_ARCHIVE;
		let shown: readonly [Member, Diagnosis] | undefined;
		for (const member of members) {
			if (left < member.size) continue;
			left -= member.size;
			const found = await this.#member(source, member, layer);
			const kind = found && memberKind(member, found);
			if (found === undefined || kind === undefined) continue;
			if (kind === "damaged" || shown === undefined) shown = [member, found];
			if (kind === "damaged") break;
		}
		const [member, inside] = shown ?? [];
		const opened = member ? { ...format, unpack: memberPython(member) } : format;
		return containerDiagnosis(source.size, opened, [], inside);
	}

	/** A member, if it is packed as most are. */
	async #member(source: SizedSource, member: Member, layer: number): Promise<Diagnosis | undefined> {
		const stored = await memberBytes(source, member);
		if (stored === undefined || stored.size === 0) return undefined;
		if (member.method === 8) return this.#unpack(stored, "deflate-raw", memberFormat(member), layer);
		if (member.method !== 0) return undefined;
		return containerDiagnosis(stored.size, memberFormat(member), [], await this.examine(stored, layer + 1));
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

/** What is done about text that stands for bytes. */
function decoding(
	{ encoding, python, isDoubtful, plus }: Decoded,
	data: Wholeness,
): Pick<Fault, "data" | "advice" | "command" | "mend"> {
	if (isDoubtful) {
		const advice =
			"Spaces stand within it, which may have been the + of base64 or nothing; that cannot be told. Get the original again.";
		return { data: "unknown", advice };
	}
	const also = plus ? ` with + for the ${plural(plus, "space")} in it, as its length asks for` : "";
	return {
		data,
		advice: `Decode it first${also}; ${keptText(data)}.`,
		...(python && { command: loadsCommand(python) }),
		mend: { kind: "decode", encoding },
	};
}

function keptText(data: Wholeness): string {
	return data === "whole" ? "nothing is lost" : "what comes out is damaged";
}

const transportNames = {
	base64: "base64 text",
	hex: "hexadecimal text",
	repr: "the repr of bytes",
	"utf-16le": "UTF-16 text (little-endian)",
	"utf-16be": "UTF-16 text (big-endian)",
} as const;

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
	const own = await faultsOf(reader, walked, lengths, isTorch);
	const held = own.length === 0 && pickles === 1 && !walked.rest ? await heldPickles(walked.first, reader) : [];
	const faults = held.length > 0 ? [doubleFault(held)] : own;
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
		conditions: [...conditions, ...conditionsWithin(held, conditions)],
		notes,
		writer: writerOf(findings),
		readers: readersOf(findings, faults, conditions),
		statistics: statisticsOf(findings, pickles),
	};
}

/** What the innermost pickle needs more than those around it. What loads it is the command that undoes the damage. */
function conditionsWithin(held: readonly Inner[], outer: readonly Condition[]): Condition[] {
	const findings = held.at(-1)?.machine.findings;
	if (findings === undefined) return [];
	const found = conditionsOf(findings, { pickles: 1, sharedMemo: false });
	const more = found.filter(({ code }) => !outer.some((condition) => condition.code === code));
	return more.map(({ code, title, advice, command }) => ({
		code,
		title: `The pickle within: ${title}`,
		advice,
		...(command && !command.includes("pickle.load") && { command }),
	}));
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
	const blanks = bytes.findIndex((byte) => !isBlankByte(byte));
	if (blanks > 0 && isProto(bytes, blanks) && tryBytes(bytes, source.size - end > bytes.length, blanks).clean) {
		return { offset: end, length: blanks, name: "line ends and spaces, and behind them another pickle" };
	}
	return { offset: end, length: source.size - end, name: nameOfTrailing(bytes, source.size - end) };
}

function nameOfTrailing(bytes: Uint8Array, length: number): string {
	if (isBlank(bytes, 0)) return "line ends and spaces";
	// The end of a text file for CP/M and DOS, and memory that was erased.
	const [fill] = bytes;
	if ((fill === 0x1a || fill === 0xff) && bytes.length === length && bytes.every((byte) => byte === fill))
		return `${fill.toString(16).toUpperCase()} throughout`;
	return identify(bytes, true)?.name ?? "of no known format";
}
