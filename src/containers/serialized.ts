/* Formats of other serializers, which have no signature: bytes are of one if they can be read as such, to their end. */

/** Of larger files the head is looked at: so many bytes may be one. */
const WHOLE = 65_536;
/** Values that a head must hold to be told. */
const ENOUGH = 16;

/** How one value is made: bytes that follow its first, values that lie in it; -1 for as many as come before a NULL. */
interface Value {
	readonly length: number;
	readonly items: number;
}

type Reader = (view: DataView, at: number) => Value | undefined;

/** What bytes hold, by a format without a signature; undefined if they are of none. */
export function serializedKind(bytes: Uint8Array): "marshal data" | "MessagePack data" | "BSON data" | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	if (bytes.length < 3) return undefined;
	if (isBson(view)) return "BSON data";
	if (isCode(view) || reads(view, marshalValue)) return "marshal data";
	return isContainer(bytes[0] as number) && reads(view, packValue) ? "MessagePack data" : undefined;
}

function isBson(view: DataView): boolean {
	if (view.byteLength < 8) return false;
	const length = view.getInt32(0, true);
	const isWhole = view.byteLength < WHOLE;
	const type = view.getUint8(4);
	const isType = (type >= 1 && type <= 0x13) || type === 0x7f || type === 0xff;
	const ends = isWhole ? length === view.byteLength && view.getUint8(length - 1) === 0 : length >= WHOLE;
	return ends && isType && view.getUint8(5) >= 0x20;
}

/** A code object begins with the numbers of its arguments. */
function isCode(view: DataView): boolean {
	return (view.getUint8(0) & 0x7f) === 0x63 && view.byteLength > 40 && view.getUint32(1, true) < 256;
}

function isContainer(first: number): boolean {
	return (first >= 0x80 && first <= 0x9f) || (first >= 0xdc && first <= 0xdf);
}

/** Whether the bytes are one value with all that lies in it. */
function reads(view: DataView, read: Reader): boolean {
	const open: number[] = [1];
	let at = 0;
	let count = 0;
	while (open.length > 0) {
		const left = open.pop() as number;
		if (left === 0) continue;
		if (at >= view.byteLength) return view.byteLength >= WHOLE && count >= ENOUGH;
		if (left < 0 && view.getUint8(at) === 0x30) {
			at++;
			continue;
		}
		const value = readAt(view, at, read);
		if (value === undefined) return false;
		open.push(left < 0 ? left : left - 1, value.items);
		at += 1 + value.length;
		count++;
	}
	return at === view.byteLength && count > 1;
}

/** Undefined also where the value's header is cut. */
function readAt(view: DataView, at: number, read: Reader): Value | undefined {
	try {
		return read(view, at);
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}

const fixed = (length: number): Value => ({ length, items: 0 });

/** Bytes that follow the types of marshal whose length is always the same. */
const marshalFixed: Readonly<Record<string, number>> = {
	N: 0,
	F: 0,
	T: 0,
	S: 0,
	".": 0,
	i: 4,
	I: 8,
	g: 8,
	y: 16,
	r: 4,
	R: 4,
};

function marshalValue(view: DataView, at: number): Value | undefined {
	const type = String.fromCharCode(view.getUint8(at) & 0x7f);
	const length = marshalFixed[type];
	if (length !== undefined) return fixed(length);
	if (type === "{") return { length: 0, items: -1 };
	if (type === ")") return { length: 1, items: view.getUint8(at + 1) };
	if ("([<>".includes(type)) return { length: 4, items: view.getUint32(at + 1, true) };
	if ("sutaA".includes(type)) return fixed(4 + view.getUint32(at + 1, true));
	if ("zZf".includes(type)) return fixed(1 + view.getUint8(at + 1));
	return type === "l" ? fixed(4 + 2 * Math.abs(view.getInt32(at + 1, true))) : undefined;
}

/** Bytes that follow MessagePack's types from 0xc0 on, where that is always the same; -n where a length of n bytes comes. */
const packLengths = [0, -9, 0, 0, -1, -2, -4, -1, -2, -4, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, -1, -2, -4];

function packValue(view: DataView, at: number): Value | undefined {
	const type = view.getUint8(at);
	if (type < 0x80 || type >= 0xe0) return fixed(0);
	if (type < 0x90) return { length: 0, items: 2 * (type & 15) };
	if (type < 0xa0) return { length: 0, items: type & 15 };
	if (type < 0xc0) return fixed(type & 31);
	if (type >= 0xdc) {
		const width = type % 2 === 0 ? 2 : 4;
		const count = width === 2 ? view.getUint16(at + 1) : view.getUint32(at + 1);
		return { length: width, items: type >= 0xde ? 2 * count : count };
	}
	const length = packLengths[type - 0xc0] as number;
	if (length >= 0) return fixed(length);
	if (length === -9) return undefined;
	const size = length === -1 ? view.getUint8(at + 1) : length === -2 ? view.getUint16(at + 1) : view.getUint32(at + 1);
	const isExtension = type >= 0xc7 && type <= 0xc9;
	return fixed(size - length + (isExtension ? 1 : 0));
}
