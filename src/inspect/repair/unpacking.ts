import { isPickleError } from "../../errors.ts";
import type { Limits } from "../../limits.ts";
import { diagnose } from "../diagnosis/diagnose.ts";
import { inflated, packing } from "../diagnosis/inflated.ts";
import { allFaults } from "../diagnosis/report.ts";
import { readAt, type SizedSource } from "../diagnosis/window.ts";
import { memberBytes, zipMembers } from "../diagnosis/zip.ts";
import { changed, type Step } from "./step.ts";

/**
 * What comes out of a container, if that is damaged or it is asked for; undefined for what does not unpack, or holds more than
 * one file.
 */
export async function unpackingStep(source: SizedSource, limits: Limits, isAsked: boolean): Promise<Step | undefined> {
	try {
		const found = await unpackedFrom(source, limits);
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
async function unpackedFrom(source: SizedSource, limits: Limits): Promise<Unpacked | undefined> {
	const head = await readAt(source, 0, HEAD);
	const packed = packing(source, head);
	if (packed) return { inside: await inflated(packed.source, packed.how, limits), name: packed.format.name };
	return isZip(head) ? onlyMember(source, limits) : undefined;
}

async function onlyMember(source: SizedSource, limits: Limits): Promise<Unpacked | undefined> {
	const members = await zipMembers(source);
	const [member] = members ?? [];
	if (members?.length !== 1 || member === undefined || /\.npy$|\/$/.test(member.name)) return undefined;
	const stored = await memberBytes(source, member);
	if (stored === undefined || (member.method !== 0 && member.method !== 8)) return undefined;
	const inside = member.method === 0 ? stored : await inflated(stored, "deflate-raw", limits);
	return { inside, name: "zip archive" };
}
