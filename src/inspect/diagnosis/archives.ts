import type { Diagnosis, Fault, FormatReport, Transform } from "./diagnosis.ts";
import { pythonOf } from "./faults/text.ts";
import { containerDiagnosis } from "./layer.ts";
import { layersOf, pythonText, unpackOf } from "./python.ts";
import type { SizedSource } from "./window.ts";
import { type Member, memberBytes } from "./zip.ts";

/* Archives of numpy, torch, skops and others, and what happens to them. */

export function zipFormat(members: readonly Member[]): FormatReport {
	const names = members.map(({ name }) => name);
	const kinds: readonly (readonly [boolean, string, string])[] = [
		[torchFolder(names) !== undefined, "a zip archive of torch.save (.pt)", "torch.load reads it"],
		[
			names.length > 0 && names.every((name) => name.endsWith(".npy")),
			"a numpy .npz archive",
			"readNpz of picklet/numpy reads it, as numpy.load does",
		],
		[names.includes("schema.json"), "a file of skops", "skops.io.load reads it"],
	];
	const [, name, advice] = kinds.find(([is]) => is) ?? [true, "a zip archive", "unpack it first, as unzip does"];
	return { name, kind: "container", advice, members: names };
}

/** The folder of an archive that torch wrote: it has the object's pickle and a version in it. */
function torchFolder(names: readonly string[]): string | undefined {
	const folders = names.flatMap((name) => /^(.+\/)data\.pkl$/.exec(name)?.[1] ?? []);
	return folders.find((folder) => names.includes(`${folder}version`));
}

export function isTorchZip({ name }: FormatReport): boolean {
	return name.includes("torch.save");
}

/** torch.load brings the loader of persistent ids. */
export function withLoader(diagnosis: Diagnosis | undefined): Diagnosis | undefined {
	if (diagnosis === undefined) return undefined;
	const conditions = diagnosis.conditions.map((condition) =>
		condition.code === "persistent-loader" ? { ...condition, advice: "torch.load brings the loader." } : condition,
	);
	return { ...diagnosis, conditions };
}

/** The member that is all there is to an archive: torch's data.pkl, or the only one. */
export function mainMember(members: readonly Member[]): Member | undefined {
	const folder = torchFolder(members.map(({ name }) => name));
	if (folder !== undefined) return members.find(({ name }) => name === `${folder}data.pkl`);
	return members.length === 1 && !members[0]?.name.endsWith("/") ? members[0] : undefined;
}

/** How the files of pickles and of arrays, packed or not, are called. */
const NAMES_OF_PICKLES = /\.(p|pk|pkl|pickle|pck|pcl|dump|joblib|sav|npy|npz)(\.\w+)?$/i;

/** What a member tells of its archive: it is damaged, or a pickle; undefined for what is neither. */
export function memberKind({ name }: Member, found: Diagnosis): "damaged" | "pickle" | undefined {
	const layers = layersOf(found);
	const { kind, name: format } = (layers.at(-1) ?? found).format;
	const isPickle = kind === "pickle";
	if (layers.every(({ faults }) => faults.length === 0)) return isPickle ? "pickle" : undefined;
	const isMarked = layers.some(({ statistics }) => (statistics?.protocol ?? 0) >= 2);
	const isMeant = (isPickle && isMarked) || NAMES_OF_PICKLES.test(name);
	const isDamaged = isPickle || format === "a .npy file" || found.faults.length > 0;
	return isMeant && isDamaged ? "damaged" : undefined;
}

/** The Python for a member's bytes. */
export function memberPython({ name }: Member): string {
	return `zipfile.ZipFile(io.BytesIO(DATA)).read(${pythonText(name, true)})`;
}

/** A member as a layer of its own; what lies around it unpacks it. */
export function memberFormat({ name }: Member): FormatReport {
	return { name: `the member ${name}`, kind: "container", advice: "", unpack: "DATA" };
}

/** The first member that does not lie where the directory says. */
export async function lostMember(source: SizedSource, members: readonly Member[]): Promise<Member | undefined> {
	for (const member of members) if ((await memberBytes(source, member)) === undefined) return member;
	return undefined;
}

export function lostMemberFault({ name, header }: Member): Fault {
	return {
		code: "container",
		offset: header,
		title: "The zip archive's members do not lie where its directory says.",
		evidence: `The directory has the member ${name} at offset ${header}; it does not begin there, or goes on beyond the file.`,
		data: "unknown",
		advice: "Bytes were added or lost on the way. Copy the file again, as binary.",
	};
}

export function cutArchive(size: number): Fault {
	return {
		code: "container",
		offset: size,
		title: "The zip archive has no directory at its end: it is cut, or was never finished.",
		evidence: `It begins as a zip archive, but no end record with a directory lies in the last ${Math.min(size, 65_557)} bytes.`,
		data: "partly",
		advice: "Members before the cut can be recovered: zip -FF FILE --out fixed.zip. Copy the file again.",
		command: "zip -FF FILE --out fixed.zip",
	};
}

/** What archives suffer from text modes and decoders, and what undoes it. */
export const archiveDamages: readonly (readonly Transform[])[] = [
	["crlf-to-lf"],
	["utf8-to-latin1"],
	["utf8-to-cp1252"],
	["utf8-to-latin1", "crlf-to-lf"],
];

/** An archive that is whole once such steps undo what happened to it. */
export function archiveAsText(size: number, steps: readonly Transform[], inside: Diagnosis): Diagnosis {
	const isUtf8 = steps[0] !== "crlf-to-lf";
	const command = pythonOf(steps);
	const unpack = unpackOf(command);
	const fault: Fault = {
		code: isUtf8 ? "utf8" : "crlf",
		offset: 0,
		title: isUtf8
			? "Each byte was taken for a character and written again as UTF-8."
			: "Each LF has become CR LF: the file was written or copied in text mode.",
		evidence: `With that undone it is ${inside.format.name}, and whole.`,
		data: "whole",
		advice: "Undo it; nothing is lost. Write and copy such files as binary.",
		command,
		mend: { kind: "transform", steps },
	};
	const name = `${inside.format.name} ${isUtf8 ? "re-encoded as UTF-8" : "with line ends of text mode"}`;
	return containerDiagnosis(
		size,
		{ name, kind: "container", advice: fault.advice, ...(unpack && { unpack }) },
		[fault],
		inside,
	);
}
