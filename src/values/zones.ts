import { isLong } from "../bytes/int64.ts";
import { equalityKey } from "./equality.ts";
import { PyAtom, pythonRepr, quotedText } from "./shown.ts";
import { fractionOf, PyTimeDelta, padded } from "./timedelta.ts";
import type { PyValue } from "./value.ts";

const DAY_MICROSECONDS = 86_400_000_000;

/** What a datetime or time can have as `tzinfo` whose class is known. */
export abstract class PyZone extends PyAtom {
	/** Microseconds to be added to UTC, where the zone itself tells; undefined if that takes a database of zones. */
	abstract get offsetMicroseconds(): number | undefined;
	/** What its database calls it: `Europe/Berlin`. Undefined for an offset. */
	abstract get zoneName(): string | undefined;
}

/** Python's `datetime.timezone`: a fixed offset from UTC, of less than a day, and a name. */
export class PyTimeZone extends PyZone {
	readonly offset: PyTimeDelta;
	readonly name: string | null;

	/** @throws TypeError if the offset is a day or more */
	constructor(offset: PyTimeDelta, name: string | null = null) {
		super();
		const micros = offset.totalMicroseconds;
		if (micros <= -BigInt(DAY_MICROSECONDS) || micros >= BigInt(DAY_MICROSECONDS))
			throw new TypeError("the offset of a timezone is less than a day");
		this.offset = offset;
		this.name = name;
	}

	get offsetMicroseconds(): number {
		return Number(this.offset.totalMicroseconds);
	}

	get zoneName(): undefined {
		return undefined;
	}

	get [Symbol.toStringTag](): string {
		return "PyTimeZone";
	}

	/** As Python prints it: its name, else `UTC` or `UTC+01:00`. */
	toString(): string {
		const offset = this.offsetMicroseconds;
		return this.name ?? (offset === 0 ? "UTC" : `UTC${offsetText(offset)}`);
	}

	[pythonRepr](): string {
		const { name, offset } = this;
		if (name === null && this.offsetMicroseconds === 0) return "datetime.timezone.utc";
		return `datetime.timezone(${offset[pythonRepr]()}${name === null ? "" : `, ${quotedText(name)}`})`;
	}

	/** As in Python, the name means nothing. */
	[equalityKey](): string {
		return `\0timezone\0${this.offsetMicroseconds}`;
	}
}

/** `zoneinfo.ZoneInfo`, by its key in the database of zones. */
export class PyZoneInfo extends PyZone {
	readonly key: string;
	/** False for one made by `ZoneInfo.no_cache`. */
	readonly cached: boolean;

	constructor(key: string, cached = true) {
		super();
		this.key = key;
		this.cached = cached;
	}

	get offsetMicroseconds(): number | undefined {
		return isUtc(this.key) ? 0 : undefined;
	}

	get zoneName(): string {
		return this.key;
	}

	get [Symbol.toStringTag](): string {
		return "PyZoneInfo";
	}

	toString(): string {
		return this.key;
	}

	[pythonRepr](): string {
		return `zoneinfo.ZoneInfo(key=${quotedText(this.key)})`;
	}
}

/** Names of UTC in every database of zones. */
function isUtc(name: string): boolean {
	return /^(Etc\/)?(UTC|UCT|Universal|Zulu)$/.test(name);
}

/**
 * A zone of pytz: by its name, `FixedOffset` (no name), or `pytz.UTC`. One that was localized knows its offset, in seconds, the
 * summer time in it, and its abbreviation.
 */
export class PyPytzZone extends PyZone {
	readonly name: string | null;
	/** From UTC, in seconds, once it was localized. */
	readonly offset: number | undefined;
	/** Summer time in the offset, in seconds. */
	readonly dst: number | undefined;
	/** `CEST` */
	readonly abbreviation: string | undefined;

	constructor(name: string | null, offset?: number, dst?: number, abbreviation?: string) {
		super();
		this.name = name;
		this.offset = offset;
		this.dst = dst;
		this.abbreviation = abbreviation;
		Object.freeze(this);
	}

	/** Whether its offset never changes, so that a name is all there is: `Etc/GMT+5`. Others are not localized without one. */
	get isStatic(): boolean {
		return (
			this.name !== null && /^(Etc\/.+|EST|MST|HST|GMT([-+]?0)?|Greenwich|UCT|UTC|Universal|Zulu)$/.test(this.name)
		);
	}

	get offsetMicroseconds(): number | undefined {
		if (this.offset !== undefined) return this.offset * 1e6;
		return this.name !== null && isUtc(this.name) ? 0 : undefined;
	}

	get zoneName(): string | undefined {
		return this.name ?? undefined;
	}

	get [Symbol.toStringTag](): string {
		return "PyPytzZone";
	}

	/** As pytz prints it: its name, or `pytz.FixedOffset(90)`. */
	toString(): string {
		return this.name ?? `pytz.FixedOffset(${(this.offset ?? 0) / 60})`;
	}

	[pythonRepr](): string {
		const { name, abbreviation, offset, dst } = this;
		if (name === null) return this.toString();
		if (name === "UTC") return "<UTC>";
		if (offset === undefined) return `<${this.isStatic ? "Static" : "Dst"}TzInfo ${quotedText(name)}>`;
		const localized = `${abbreviation ?? ""}${offset > 0 ? "+" : ""}${new PyTimeDelta(0, offset)}`;
		return `<DstTzInfo ${quotedText(name)} ${localized} ${dst ? "DST" : "STD"}>`;
	}
}

/** A zone of dateutil: `tzutc`, `tzoffset`, `tzlocal`, `tzfile` and the like, with the state that dateutil gave it. */
export class PyDateutilZone extends PyZone {
	/** The module of its class: `dateutil.tz.tz`, in old versions `dateutil.tz`. */
	readonly module: string;
	/** Its class. */
	readonly type: string;
	/** Its arguments, as pickled: the file's name of a tzfile. */
	readonly args: readonly PyValue[];
	/** Its attributes, as pickled: a tzfile has all its transitions there. */
	state: PyValue | undefined = undefined;
	#name: string | null = null;
	#offset: PyTimeDelta | undefined = undefined;

	constructor(module: string, type: string, args: readonly PyValue[] = []) {
		super();
		this.module = module;
		this.type = type;
		this.args = args;
		const [first, second] = args;
		if (type === "tzutc") {
			this.#name = "UTC";
			this.#offset = new PyTimeDelta(0);
		}
		if (typeof first === "string") this.#name = first;
		else if (typeof second === "string") this.#name = second;
		if (type === "tzoffset") this.#offset = timeDelta(second);
	}

	/** The name that its state or arguments give. */
	get name(): string | null {
		return this.#name;
	}

	/** Of tzutc and tzoffset. */
	get offset(): PyTimeDelta | undefined {
		return this.#offset;
	}

	/** Notes the name that its state or arguments give. */
	static rename(zone: PyDateutilZone, name: string): void {
		zone.#name = name;
	}

	/** Notes the offset that its state gives. */
	static move(zone: PyDateutilZone, offset: PyTimeDelta): void {
		zone.#offset = offset;
	}

	get offsetMicroseconds(): number | undefined {
		return this.offset && Number(this.offset.totalMicroseconds);
	}

	/** A tzfile may have the path of its file, whose end is the zone's name. */
	get zoneName(): string | undefined {
		const name = /^tz(file|utc)$/.test(this.type) ? this.name : null;
		return name?.replace(/^.*\/zoneinfo\//, "") ?? undefined;
	}

	get [Symbol.toStringTag](): string {
		return "PyDateutilZone";
	}

	toString(): string {
		return this.name ?? this.type;
	}

	[pythonRepr](): string {
		const { type, name, offset } = this;
		if (type === "tzutc") return "tzutc()";
		const parts = name === null ? [] : [quotedText(name)];
		if (offset) parts.push(String(Number(offset.totalMicroseconds) / 1e6));
		return `${type}(${parts.join(", ")})`;
	}
}

/** A timedelta, or one of so many seconds. */
function timeDelta(value: PyValue | undefined): PyTimeDelta | undefined {
	if (isLong(value)) return new PyTimeDelta(0, value.toBigInt());
	if (typeof value === "bigint" || Number.isSafeInteger(value)) return new PyTimeDelta(0, value as number | bigint);
	return value instanceof PyTimeDelta ? value : undefined;
}

/** `+HH:MM`, with seconds and microseconds if there are any. */
export function offsetText(microseconds: number): string {
	const size = Math.abs(microseconds);
	const seconds = Math.floor(size / 1e6);
	const clock = `${padded(Math.floor(seconds / 3600))}:${padded(Math.floor(seconds / 60) % 60)}`;
	const micros = fractionOf(size % 1e6);
	const rest = seconds % 60 !== 0 || micros !== "" ? `:${padded(seconds % 60)}${micros}` : "";
	return (microseconds < 0 ? "-" : "+") + clock + rest;
}
