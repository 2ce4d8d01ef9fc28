import type { ByteSource } from "../../bytes/source.ts";
import { readAt, type SizedSource } from "./window.ts";

/** A member as the archive's directory has it. */
export interface Member {
	readonly name: string;
	/** 0 stored, 8 deflated. */
	readonly method: number;
	readonly packed: number;
	readonly size: number;
	/** Where its local header lies. */
	readonly header: number;
}

/** Members that are listed. */
const MAX_MEMBERS = 64;
/** Bytes of the directory that are read. */
const MAX_DIRECTORY = 1 << 20;

/** The first members of a zip archive; undefined if it has no directory at its end. */
export async function zipMembers(source: SizedSource): Promise<readonly Member[] | undefined> {
	const tailAt = Math.max(0, source.size - 22 - 0xffff);
	const tail = await readAt(source, tailAt, source.size - tailAt);
	const view = viewOf(tail);
	for (let at = tail.length - 22; at >= 0; at--) {
		if (view.getUint32(at, true) !== 0x06054b50) continue;
		const start = await directoryStart(source, tailAt + at, view.getUint32(at + 16, true));
		if (start === undefined) return undefined;
		const found = listed(await readAt(source, start, Math.min(MAX_DIRECTORY, tailAt + at - start)));
		return found.length === 0 && view.getUint16(at + 10, true) > 0 ? undefined : found;
	}
	return undefined;
}

/** Where the directory begins, that of archives over 4 GiB by their own record. */
async function directoryStart(source: SizedSource, end: number, start: number): Promise<number | undefined> {
	if (start !== 0xffffffff) return start <= end ? start : undefined;
	const locator = await readAt(source, end - 20, 20);
	if (locator.length < 20 || viewOf(locator).getUint32(0, true) !== 0x07064b50) return undefined;
	const record = await readAt(source, longAt(viewOf(locator), 8), 56);
	if (record.length < 56) return undefined;
	const found = longAt(viewOf(record), 48);
	return found <= end ? found : undefined;
}

function listed(directory: Uint8Array): Member[] {
	const view = viewOf(directory);
	const members: Member[] = [];
	for (let at = 0; at + 46 <= directory.length && members.length < MAX_MEMBERS; ) {
		if (view.getUint32(at, true) !== 0x02014b50) break;
		const [nameLength, extraLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
		const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + Math.min(nameLength, 1024)));
		members.push({ name, method: view.getUint16(at + 10, true), ...sizesAt(view, at, nameLength, extraLength) });
		at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
	}
	return members;
}

/** Sizes and place, which lie in the extra field where they need 64 bits. */
function sizesAt(
	view: DataView,
	at: number,
	nameLength: number,
	extraLength: number,
): Pick<Member, "packed" | "size" | "header"> {
	const fields = {
		size: view.getUint32(at + 24, true),
		packed: view.getUint32(at + 20, true),
		header: view.getUint32(at + 42, true),
	};
	const end = Math.min(at + 46 + nameLength + extraLength, view.byteLength);
	for (let extra = at + 46 + nameLength; extra + 4 <= end; extra += 4 + view.getUint16(extra + 2, true)) {
		if (view.getUint16(extra, true) !== 1) continue;
		let place = extra + 4;
		for (const name of ["size", "packed", "header"] as const) {
			if (fields[name] !== 0xffffffff || place + 8 > end) continue;
			fields[name] = longAt(view, place);
			place += 8;
		}
	}
	return fields;
}

/** The stored or packed bytes of a member; undefined if its local header is not where it should be. */
export async function memberBytes(source: SizedSource, { header, packed }: Member): Promise<SizedSource | undefined> {
	const local = await readAt(source, header, 30);
	const view = viewOf(local);
	if (local.length < 30 || view.getUint32(0, true) !== 0x04034b50) return undefined;
	const start = header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
	return start + packed > source.size ? undefined : part(source, start, packed);
}

/** A part of a source. */
export function part(source: ByteSource, start: number, size: number): SizedSource {
	return {
		size,
		read: (into, offset, signal) =>
			offset >= size
				? Promise.resolve(0)
				: source.read(into.subarray(0, Math.min(into.length, size - offset)), start + offset, signal),
	};
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function longAt(view: DataView, at: number): number {
	return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}
