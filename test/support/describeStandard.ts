import { OwnText, ReducerContext } from "../../src/opcodes/encode-context.ts";
import { standardReducers } from "../../src/reducers/standard.ts";
import { PyArray } from "../../src/values/array.ts";
import { PyDeque } from "../../src/values/containers.ts";
import { PyDate, PyDateTime, PyTime } from "../../src/values/datetime.ts";
import { PyDecimal, PyFraction } from "../../src/values/decimal.ts";
import { PyPath, PyUUID } from "../../src/values/identifiers.ts";
import { PyGlobal, PyObject } from "../../src/values/objects.ts";
import { PyTimeDelta } from "../../src/values/timedelta.ts";
import type { PyValue } from "../../src/values/value.ts";
import { PyTimeZone, PyZone } from "../../src/values/zones.ts";
import type { Describe } from "./describeNumpy.ts";
import { floatTag, type Tag } from "./tags.ts";

/**
 * The tag of a value of the standard library that Python's describer has one for, of the value's own fields; undefined for
 * any other.
 */
export function standardTag(value: object, describe: Describe): Tag | undefined {
	if (value instanceof PyDate) return { t: "date", iso: isoDate(value) };
	if (value instanceof PyTime)
		return { t: "time", iso: isoTime(value), fold: value.fold, ...zone(value, describe, false) };
	if (value instanceof PyDateTime) {
		const iso = `${isoDate(value)}T${isoTime(value)}`;
		return { t: "datetime", iso, fold: value.fold, ...zone(value, describe, true) };
	}
	if (value instanceof PyTimeDelta) {
		return { t: "timedelta", d: value.days, s: value.seconds, us: value.microseconds };
	}
	if (value instanceof PyTimeZone) {
		const us = Number(value.offset.totalMicroseconds);
		return { t: "timezone", us, ...(value.name !== null && { str: value.name }) };
	}
	if (value instanceof PyDecimal) return { t: "decimal", v: decimalText(value) };
	if (value instanceof PyFraction) return { t: "fraction", v: fractionText(value) };
	if (value instanceof PyUUID) {
		const digits = value.int.toString(16).padStart(32, "0");
		return { t: "uuid", v: digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-") };
	}
	if (value instanceof PyPath) return { t: "path", module: "pathlib", name: value.type, v: value.path };
	if (value instanceof PyDeque) {
		return { t: "deque", items: describe.list(value.items), len: value.length, maxlen: value.maxlen };
	}
	return value instanceof PyArray ? arrayTag(value) : undefined;
}

function isoDate({ year, month, day }: PyDate | PyDateTime): string {
	return [padded(year, 4), padded(month), padded(day)].join("-");
}

function isoTime({ hour, minute, second, microsecond, tzinfo }: PyTime | PyDateTime): string {
	const clock = [hour, minute, second].map((part) => padded(part)).join(":");
	const offset = tzinfo instanceof PyZone ? tzinfo.offsetMicroseconds : undefined;
	return `${clock}${microsecond === 0 ? "" : `.${padded(microsecond, 6)}`}${offset === undefined ? "" : isoOffset(offset)}`;
}

function isoOffset(microseconds: number): string {
	const minutes = Math.round(Math.abs(microseconds) / 60e6);
	return `${microseconds < 0 ? "-" : "+"}${padded(Math.floor(minutes / 60))}:${padded(minutes % 60)}`;
}

function padded(value: number, width = 2): string {
	return String(value).padStart(width, "0");
}

function zone({ tzinfo }: PyTime | PyDateTime, describe: Describe, withOffset: boolean) {
	if (tzinfo === null) return {};
	const offset = withOffset && tzinfo instanceof PyZone ? tzinfo.offsetMicroseconds : undefined;
	return { tzinfo: describe.tag(tzinfo), ...(offset !== undefined && { offset }) };
}

/** In the order of the fields, which is not how picklet prints it: by Python's rule of when there is an exponent. */
function decimalText({ sign, digits, exponent }: PyDecimal): string {
	const minus = sign === 1 ? "-" : "";
	if (exponent === "F") return `${minus}Infinity`;
	if (exponent === "n" || exponent === "N") return `${minus}${exponent === "N" ? "s" : ""}NaN${digits}`;
	const left = Number(exponent) + digits.length;
	if (exponent > 0 || left <= -6) {
		const power = left - 1;
		return `${minus}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ""}E${power < 0 ? "" : "+"}${power}`;
	}
	if (exponent === 0) return minus + digits;
	return left > 0
		? `${minus}${digits.slice(0, left)}.${digits.slice(left)}`
		: `${minus}0.${"0".repeat(-left)}${digits}`;
}

function fractionText({ numerator, denominator }: PyFraction): string {
	return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;
}

function arrayTag({ typecode, data }: PyArray): Tag {
	const items = Array.from<number | bigint | string, Tag>(data as ArrayLike<number>, (item) => {
		if (typeof item === "string") return { t: "str", v: item };
		return /[fd]/.test(typecode) ? floatTag(Number(item)) : { t: "int", v: String(item) };
	});
	return { t: "array", typecode, items };
}

/** `getattr(Class, 'name')` as the global that it is. */
function named(callable: PyValue): PyValue {
	if (!(callable instanceof PyObject)) return callable;
	const [owner, attribute] = callable.args;
	const isAttribute = owner instanceof PyGlobal && attribute instanceof OwnText;
	return isAttribute ? new PyGlobal(owner.module, `${owner.name}.${attribute.text}`) : callable;
}

/** How a value is made in Python, as an inert object: what its reducer says for a protocol. Undefined for what has none. */
export function reduction(value: object, protocol: number): PyObject | undefined {
	const reducer = standardReducers.findLast(({ types }) => types?.includes(value.constructor));
	if (reducer?.reduce === undefined) return undefined;
	const context = new ReducerContext(protocol, 3, undefined, false);
	const { kind = "call", callable, args, items, entries, state } = reducer.reduce(value, context);
	const object = new PyObject(kind, named(callable), Object.freeze([...args]) as readonly PyValue[]);
	if (items) object.steps.push({ kind: "items", items });
	if (entries) object.steps.push({ kind: "entries", entries });
	if (state !== undefined) object.steps.push({ kind: "state", state });
	return object;
}
