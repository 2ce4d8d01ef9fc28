import {
	readBitGenerator,
	readGenerator,
	readMasked,
	readPoly1d,
	readRandomState,
	readSeedSequence,
} from "./readNumpyObjects.ts";
import { readDill, readNamedTuple, readObject } from "./readObjects.ts";
import { bytesOf, floatTag, fromHex, itemsOf, type Tag, type TagPair, textOf } from "./tags.ts";

/**
 * What an inert object would be in Python, as far as `expected` asks for one of the types below: the tag of that type, of the
 * same parts. Undefined for any other. So a type that has no reducer yet compares by its value.
 */
export function readInert(actual: Tag, expected: Tag, target: Target): Tag | undefined {
	if (actual.t !== "inert") return undefined;
	const args = itemsOf(actual.args as Tag).map(target);
	const read = isMade(actual, expected.t, target) ? readers[expected.t] : undefined;
	return read?.(args, actual, { expected, target }) ?? readDill(actual, target);
}

/** The described object that a reference means. */
type Target = (tag: Tag) => Tag;

type Read = (
	args: readonly Tag[],
	actual: Tag,
	context: { readonly expected: Tag; readonly target: Target },
) => Tag | undefined;

/** What makes the objects of a type: module and name. */
const makers: Readonly<Record<string, RegExp>> = {
	date: /^datetime\.date$/,
	time: /^datetime\.time$/,
	datetime: /^datetime\.datetime$/,
	timedelta: /^datetime\.timedelta$/,
	timezone: /^datetime\.timezone$/,
	decimal: /^decimal\.Decimal$/,
	fraction: /^fractions\.Fraction$/,
	uuid: /^uuid\.UUID$/,
	deque: /^collections\.deque$/,
	defaultdict: /^collections\.defaultdict$/,
	Counter: /^collections\.Counter$/,
	array: /^array\.(array|_array_reconstructor)$/,
	path: /^pathlib\.|^pathlib\._local\./,
	pattern: /^re\._compile$/,
	global: /^(builtins\.getattr|types\.GenericAlias)$/,
	masked: /^numpy\.ma\.(core\._mareconstruct|mrecords\._mrreconstruct)$/,
	RandomState: /^numpy\.random(\._pickle)?\.__[rR]andom[sS]tate_ctor$/,
	Generator: /^numpy\.random\._pickle\.__generator_ctor$/,
	BitGenerator: /^numpy\.random\._pickle\.__bit_generator_ctor$/,
	SeedSequence: /^numpy\.random\.(_)?bit_generator\.__pyx_unpickle_SeedSequence$/,
};

/** Whether that is what makes such an object, by itself or by `copyreg._reconstructor`. */
function isMade({ module, name, args }: Tag, type: string, target: Target): boolean {
	const maker = makers[type];
	if (maker === undefined) return true;
	const made = name === "_reconstructor" ? target(itemsOf(args as Tag)[0] as Tag) : { module, name };
	return maker.test(`${made.module}.${made.name}`);
}

const readers: Readonly<Record<string, Read>> = {
	obj: (_, actual, { expected, target }) => readObject(actual, expected, target),
	namedtuple: (_, actual, { target }) => readNamedTuple(actual, target),
	enum: ([value], { module, name }) => ({ t: "enum", module, name, value }) as Tag,
	path: (parts, { module, name }) => ({ t: "path", module, name, v: pathText(parts, name as string) }) as Tag,
	pattern: ([pattern, flags]) => pattern && { t: "pattern", pattern, flags: intOf(flags) },
	global: ([self, name], { module }) => {
		if (module === "types") return self;
		return self && name && { t: "global", name: textOf(name), self };
	},
	masked: (_, actual, { expected, target }) => readMasked(actual, expected, target),
	RandomState: (_, actual, { target }) => readRandomState(actual, target),
	Generator: (_, actual, { target }) => readGenerator(actual, target),
	BitGenerator: (_, actual, { target }) => readBitGenerator(actual, target),
	SeedSequence: (_, actual, { target }) => readSeedSequence(actual, target),
	poly1d: (_, actual, { target }) => readPoly1d(actual, target),
	date: ([payload]) => payload && { t: "date", iso: isoDate(bytesOf(payload, 4)) },
	time: ([payload, zone], _, { expected, target }) => {
		const bytes = payload && bytesOf(payload, 6);
		if (bytes === undefined) return undefined;
		const fold = (bytes[0] as number) >> 7;
		return { t: "time", iso: isoTime(bytes) + offsetText(zone, expected, target), fold, ...(zone && { tzinfo: zone }) };
	},
	datetime: ([payload, zone], _, { expected, target }) => {
		const bytes = payload && bytesOf(payload, 10);
		if (bytes === undefined) return undefined;
		const fold = (bytes[2] as number) >> 7;
		return {
			t: "datetime",
			iso: `${isoDate(bytes)}T${isoTime(bytes.subarray(4))}${offsetText(zone, expected, target)}`,
			fold,
			...(zone && { tzinfo: zone, offset: expected["offset"] }),
		};
	},
	timedelta: ([days, seconds, micros]) =>
		days && { t: "timedelta", d: intOf(days), s: intOf(seconds), us: intOf(micros) },
	timezone: ([delta, name]) => delta && { t: "timezone", us: microsOf(delta), ...(name && { str: textOf(name) }) },
	decimal: ([text]) => text && { t: "decimal", v: textOf(text) },
	fraction: (args) => args[0] && { t: "fraction", v: args.map(textOf).join("/") },
	uuid: (_, { state }) => state && { t: "uuid", v: uuidText(state) },
	deque: ([items, maxlen], { items: appended, n_items: count }) => ({
		t: "deque",
		items: [...(items ? itemsOf(items) : []), ...((appended ?? []) as readonly Tag[])],
		len: (items?.len ?? items?.items?.length ?? 0) + Number(count ?? 0),
		maxlen: maxlen === undefined || maxlen.t === "none" ? null : intOf(maxlen),
	}),
	defaultdict: ([factory], { entries, n_entries: count }) => ({
		t: "defaultdict",
		items: entries ?? [],
		len: Number(count ?? 0),
		factory: factory ?? { t: "none" },
	}),
	Counter: ([counts], { entries }) => ({
		t: "Counter",
		items: [...((counts?.items ?? []) as readonly TagPair[]), ...(entries ?? [])],
	}),
	array: (args, { name }) => (name === "array" ? listedArray(args) : packedArray(args)),
};

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

/** A fixed offset as isoformat ends with it; that of a zone which only its class can tell is taken to be what it should be. */
function offsetText(zone: Tag | undefined, expected: Tag, target: Target): string {
	if (zone === undefined) return "";
	const delta = zone.name === "timezone" ? itemsOf(zone.args as Tag)[0] : undefined;
	if (delta === undefined) return /([+-]\d\d:\d\d)?$/.exec(expected["iso"] as string)?.[0] ?? "";
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
	if (int?.v === undefined) return "";
	const digits = BigInt(int.v as string)
		.toString(16)
		.padStart(32, "0");
	return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** `array(typecode, list)`, as below protocol 3. */
function listedArray([typecode, items]: readonly Tag[]): Tag {
	return {
		t: "array",
		typecode: typecode && textOf(typecode),
		items: items ? itemsOf(items) : [],
		...(items?.len && { len: items.len }),
	};
}

/** The path of its parts: Python joins them, and has a point for none. */
function pathText(parts: readonly Tag[], name: string): string {
	const separator = name.includes("Windows") ? "\\" : "/";
	const texts = parts.map(textOf).filter((text) => text !== "");
	if (texts.length === 1) return (texts[0] as string).replaceAll("/", separator);
	return texts.map((text) => text.replace(/[\\/]$/, "")).join(separator) || ".";
}

/** Bytes of an item and how it is read, by the codes of array._array_reconstructor, of which the odd ones are big-endian. */
const formats: Readonly<
	Record<number, readonly [width: number, read: (view: DataView, at: number, little: boolean) => number | bigint]>
> = {
	0: [1, (view, at) => view.getUint8(at)],
	1: [1, (view, at) => view.getInt8(at)],
	2: [2, (view, at, little) => view.getUint16(at, little)],
	4: [2, (view, at, little) => view.getInt16(at, little)],
	6: [4, (view, at, little) => view.getUint32(at, little)],
	8: [4, (view, at, little) => view.getInt32(at, little)],
	10: [8, (view, at, little) => view.getBigUint64(at, little)],
	12: [8, (view, at, little) => view.getBigInt64(at, little)],
	14: [4, (view, at, little) => view.getFloat32(at, little)],
	16: [8, (view, at, little) => view.getFloat64(at, little)],
};

/** `_array_reconstructor(array, typecode, format, bytes)`. */
function packedArray([, typecode, code, payload]: readonly Tag[]): Tag | undefined {
	if (payload === undefined) return undefined;
	const bytes = fromHex(payload.hex as string);
	const format = intOf(code);
	const [width, read] = formats[format < 2 ? format : format & ~1] ?? [];
	if (read === undefined || width === undefined)
		return { t: "array", typecode: typecode?.v, items: characters(bytes, format) };
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	const items = Array.from({ length: bytes.length / width }, (_, index) =>
		elementTag(read(view, index * width, format % 2 === 0), format),
	);
	return { t: "array", typecode: typecode?.v, items };
}

/** Text of UTF-16 (18) or UTF-32 (20), little-endian, by its characters. */
function characters(bytes: Uint8Array, format: number): Tag[] {
	const units = format === 18 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
	return Array.from(units, (unit) => ({ t: "str", v: String.fromCodePoint(unit) }));
}

function elementTag(value: number | bigint, format: number): Tag {
	if (format < 14) return { t: "int", v: String(value) };
	return floatTag(Number(value));
}
