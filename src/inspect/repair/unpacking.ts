import { isPickleError } from "../../errors.ts";
import type { Limits } from "../../limits.ts";
import { memberKind } from "../diagnosis/archives.ts";
import { diagnose } from "../diagnosis/diagnose.ts";
import type { Diagnosis } from "../diagnosis/diagnosis.ts";
import { inflated, packing } from "../diagnosis/inflated.ts";
import { allFaults } from "../diagnosis/report.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import { plural } from "../diagnosis/words.ts";
import { type Member, memberBytes, zipMembers } from "../diagnosis/zip.ts";
import { changed, type Step } from "./step.ts";

/** Whether what is packed and whole is to be unpacked, and which file of an archive. */
export interface Unpacking {
	readonly isAsked: boolean;
	readonly member: string | undefined;
}

/**
 * What comes out of a container, if that is damaged or it is asked for; undefined for what does not unpack, or holds more than
 * one file of which none is chosen.
 */
export async function unpackingStep(
	source: SizedSource,
	limits: Limits,
	{ isAsked, member }: Unpacking,
): Promise<Step | undefined> {
	try {
		const found = await unpackedFrom(source, limits, member);
		if (found === undefined || !(isAsked || (await isDamaged(found.inside, limits)))) return undefined;
		const why = `It comes out of the ${found.name} that it is packed in.`;
		return changed(source, found.inside, why);
	} catch (error) {
		if (isPickleError(error, "E_CONTAINER", "E_LIMIT")) return undefined;
		throw error;
	}
}

async function isDamaged(inside: SizedSource, limits: Limits): Promise<boolean> {
	return allFaults(await diagnose(inside, { limits })).length > 0;
}

/** Whether a file is packed itself, so that what is mended of it may stay so. */
export async function isPacked(source: SizedSource): Promise<boolean> {
	const head = await readAt(source, 0, HEAD);
	return packing(source, head) !== undefined || isZip(head);
}

/** Bytes that tell how a file is packed. */
const HEAD = 64;

function isZip([first, second]: Uint8Array): boolean {
	return first === 0x50 && second === 0x4b;
}

interface Unpacked {
	readonly inside: SizedSource;
	readonly name: string;
}

/** @throws PickleError E_CONTAINER, E_LIMIT */
async function unpackedFrom(
	source: SizedSource,
	limits: Limits,
	chosen: string | undefined,
): Promise<Unpacked | undefined> {
	const head = await readAt(source, 0, HEAD);
	const packed = packing(source, head);
	if (packed) return { inside: await inflated(packed.source, packed.how, limits), name: packed.format.name };
	if (!isZip(head)) return undefined;
	const members = (await zipMembers(source)) ?? [];
	const member = chosen === undefined ? onlyMember(members) : members.find(({ name }) => name === chosen);
	const inside = member && (await fileOf(source, member, limits));
	return inside && { inside, name: chosen === undefined ? "zip archive" : `zip archive (${chosen})` };
}

function onlyMember(members: readonly Member[]): Member | undefined {
	const [member] = members;
	return members.length === 1 && member !== undefined && isFile(member) ? member : undefined;
}

function isFile({ name }: Member): boolean {
	return !/\.npy$|\/$/.test(name);
}

/** @throws PickleError E_CONTAINER, E_LIMIT */
async function fileOf(source: SizedSource, member: Member, limits: Limits): Promise<SizedSource | undefined> {
	const stored = await memberBytes(source, member);
	if (stored === undefined || (member.method !== 0 && member.method !== 8)) return undefined;
	return member.method === 0 ? stored : await inflated(stored, "deflate-raw", limits);
}

/** Files of an archive that are told of. */
const TOLD = 16;

/** The files of a zip archive of several that hold pickles, or are meant to, in words; undefined for what is no such archive. */
export async function membersText(source: SizedSource, limits: Limits, chosen?: string): Promise<string | undefined> {
	const members = isZip(await readAt(source, 0, HEAD)) ? ((await zipMembers(source)) ?? []) : [];
	if (members.length < (chosen === undefined ? 2 : 1)) return undefined;
	const told: string[] = [];
	for (const member of members) {
		if (told.length === TOLD) break;
		const found = isFile(member) ? await diagnosisOf(source, member, limits) : undefined;
		const kind = found && memberKind(member, found);
		if (kind !== undefined) told.push(`${member.name}${kind === "damaged" ? " (damaged)" : ""}`);
	}
	const which = told.length === 0 ? "none" : told.join(", ");
	return `a zip archive of ${plural(members.length, "file")}, of which one is to be chosen by its name (member); pickles: ${which}`;
}

async function diagnosisOf(source: SizedSource, member: Member, limits: Limits): Promise<Diagnosis | undefined> {
	try {
		const inside = await fileOf(source, member, limits);
		return inside && (await diagnose(inside, { limits }));
	} catch (error) {
		if (isPickleError(error, "E_CONTAINER", "E_LIMIT")) return undefined;
		throw error;
	}
}
