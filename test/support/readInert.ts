import { floatTag, fromHex, itemsOf, type Tag, type TagPair } from "./tags.ts";

/**
 * What an inert object would be in Python, as far as `expected` asks for one of the types below: the tag of that type, of the
 * same parts. Undefined for any other. So a type that has no reducer yet compares by its value.
 */
export function readInert(actual: Tag, expected: Tag, target: Target): Tag | undefined {
	if (actual.t !== "inert") return undefined;
	const args = itemsOf(actual.args as Tag).map(target);
	return readers[expected.t]?.(args, actual, { expected, target });
}

/** The described object that a reference means. */
type Target = (tag: Tag) => Tag;

type Read = (
	args: readonly Tag[],
	actual: Tag,
	context: { readonly expected: Tag; readonly target: Target },
) => Tag | undefined;

const readers: Readonly<Record<string, Read>> = {
	date: ([payload]) => payload && { t: "date", iso: isoDate(payloadBytes(payload, 4)) },
	time: ([payload, zone], _, { target }) => {
		const bytes = payload && payloadBytes(payload, 6);
		if (bytes === undefined) return undefined;
		const fold = (bytes[0] as number) >> 7;
		return { t: "time", iso: isoTime(bytes) + offsetText(zone, target), fold, ...(zone && { tzinfo: zone }) };
	},
	datetime: ([payload, zone], _, { expected: { offset }, target }) => {
		const bytes = payload && payloadBytes(payload, 10);
		if (bytes === undefined) return undefined;
		const fold = (bytes[2] as number) >> 7;
		return {
			t: "datetime",
			iso: `${isoDate(bytes)}T${isoTime(bytes.subarray(4))}${offsetText(zone, target)}`,
			fold,
			...(zone && { tzinfo: zone, offset }),
		};
	},
	timedelta: ([days, seconds, micros]) =>
		days && { t: "timedelta", d: intOf(days), s: intOf(seconds), us: intOf(micros) },
	timezone: ([delta]) => delta && { t: "timezone", us: microsOf(delta) },
	decimal: ([text]) => text && { t: "decimal", v: textOf(text) },
	fraction: (args) => args[0] && { t: "fraction", v: args.map(textOf).join("/") },
	uuid: (_, { state }) => state && { t: "uuid", v: uuidText(state) },
	deque: ([items, maxlen], { items: appended, n_items: count }) => ({
		t: "deque",
		items: [...(items ? itemsOf(items) : []), ...((appended ?? []) as readonly Tag[])],
		len: (items?.len ?? items?.items?.length ?? 0) + Number(count ?? 0),
		maxlen: maxlen === undefined || maxlen.t === "none" ? null : intOf(maxlen),
	}),
	defaultdict: ([factory], { entries }) => ({
		t: "defaultdict",
		items: entries ?? [],
		factory: factory ?? { t: "none" },
	}),
	Counter: ([counts], { entries }) => ({
		t: "Counter",
		items: [...((counts?.items ?? []) as readonly TagPair[]), ...(entries ?? [])],
	}),
	array: (args, { name }) => (name === "array" ? listedArray(args) : packedArray(args)),
};

/** The bytes of an object's own state, so many. Python 2's may have been read as text, by Latin-1 or as UTF-8. */
function payloadBytes({ t, hex, v }: Tag, length: number): Uint8Array {
	if (t !== "str") return fromHex(hex as string);
	return new Uint8Array(Buffer.from(v as string, (v as string).length === length ? "latin1" : "utf8"));
}

/** Text, or an int as text; Python 2's may have been left as bytes. */
function textOf({ v, hex }: Tag): string {
	return hex === undefined ? String(v) : Buffer.from(hex, "hex").toString("latin1");
}

function padded(value: number | undefined, width = 2): string {
	return String(value).padStart(width, "0");
}

function isoDate(bytes: Uint8Array): string {
	const year = 256 * (bytes[0] as number) + (bytes[1] as number);
	return `${padded(year, 4)}-${padded((bytes[2] as number) & 127)}-${padded(bytes[3])}`;
}

function isoTime(bytes: Uint8Array): string {
	const micros = 65536 * (bytes[3] as number) + 256 * (bytes[4] as number) + (bytes[5] as number);
	const clock = `${padded((bytes[0] as number) & 127)}:${padded(bytes[1])}:${padded(bytes[2])}`;
	return micros === 0 ? clock : `${clock}.${padded(micros, 6)}`;
}

/** A fixed offset as isoformat ends with it; nothing for a zone that only its class could tell. */
function offsetText(zone: Tag | undefined, target: Target): string {
	const delta = zone && itemsOf(zone.args ?? { t: "tuple" })[0];
	if (delta === undefined) return "";
	const minutes = Math.round(microsOf(target(delta)) / 60e6);
	const size = Math.abs(minutes);
	return `${minutes < 0 ? "-" : "+"}${padded(Math.floor(size / 60))}:${padded(size % 60)}`;
}

function intOf(tag: Tag | undefined): number {
	return Number(tag?.v ?? 0);
}

function microsOf(delta: Tag): number {
	const [days, seconds, micros] = itemsOf(delta.args as Tag);
	return (intOf(days) * 86400 + intOf(seconds)) * 1e6 + intOf(micros);
}

function uuidText(state: Tag): string {
	const int = (state.items as readonly TagPair[]).find(([key]) => key.v === "int" || key.hex === "696e74")?.[1];
	const digits = BigInt(int?.v as string)
		.toString(16)
		.padStart(32, "0");
	return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** `array(typecode, list)`, as below protocol 3. */
function listedArray([typecode, items]: readonly Tag[]): Tag {
	return { t: "array", typecode: typecode && textOf(typecode), items: items ? itemsOf(items) : [], len: items?.len };
}

/** Bytes of an item and how it is read, by the codes of array._array_reconstructor; text (18 to 21) is not read. */
const formats: Readonly<Record<number, (view: DataView, at: number) => number | bigint>> = {
	0: (view, at) => view.getUint8(at),
	1: (view, at) => view.getInt8(at),
	2: (view, at) => view.getUint16(at, true),
	4: (view, at) => view.getInt16(at, true),
	6: (view, at) => view.getUint32(at, true),
	8: (view, at) => view.getInt32(at, true),
	10: (view, at) => view.getBigUint64(at, true),
	12: (view, at) => view.getBigInt64(at, true),
	14: (view, at) => view.getFloat32(at, true),
	16: (view, at) => view.getFloat64(at, true),
};
const widths: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 4: 2, 6: 4, 8: 4, 10: 8, 12: 8, 14: 4, 16: 8 };

/** `_array_reconstructor(array, typecode, format, bytes)`. */
function packedArray([, typecode, format, payload]: readonly Tag[]): Tag | undefined {
	const read = formats[intOf(format)];
	if (read === undefined || payload === undefined) return undefined;
	const bytes = fromHex(payload.hex as string);
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	const width = widths[intOf(format)] as number;
	const items = Array.from({ length: bytes.length / width }, (_, index) =>
		elementTag(read(view, index * width), intOf(format)),
	);
	return { t: "array", typecode: typecode?.v, items };
}

function elementTag(value: number | bigint, format: number): Tag {
	if (format < 14) return { t: "int", v: String(value) };
	return floatTag(Number(value));
}
