import { isLong } from "../bytes/int64.ts";
import { decodeLatin1 } from "../bytes/utf8.ts";
import { PickleError } from "../errors.ts";
import type { PyValue } from "./value.ts";

/**
 * Method of values that are equal to others as dict keys and set members: it gives a number, bigint or boolean to be
 * equal to that number, or text. Text that starts with a NUL and the class's name stays among its own kind.
 */
export const equalityKey: unique symbol = Symbol.for("picklet.equalityKey");

/** Counts work, and throws when it is too much. */
export type Charge = (work: number) => void;

/** A value compared item by item: a tuple, slice or frozenset. All others have a key of their own. */
export interface Composite {
	/** The items in order, or undefined where order means nothing. */
	readonly items: readonly PyValue[];
	/** False for a set; a tuple equals only what is compared as one. */
	readonly ordered: boolean | "tuple";
	/** The set's members that may equal the item: of a composite, all of its hash. Only where there is no order. */
	readonly alike?: (item: PyValue, charge: Charge | undefined) => readonly PyValue[];
}

/** Method of values that are compared item by item; undefined where the value is not hashable at all. */
export const compositeParts: unique symbol = Symbol.for("picklet.compositeParts");

/**
 * Property of numbers that some Python keeps apart from others of the same value, where both equal the int or float of it: 1 is of
 * Decimals, 2 of Fractions, 4 of complex numbers, 8 of long doubles.
 */
export const numberFamily: unique symbol = Symbol.for("picklet.numberFamily");

type Family = 1 | 2 | 4 | 8;

/** From which families each is kept apart: by Python 2.7 a Decimal also from Fractions and complex numbers. */
const apart: Readonly<Record<Family, number>> = { 1: 2 + 4 + 8, 2: 1 + 8, 4: 1, 8: 1 + 2 };

/** The family of a number that has one. */
export function familyOf(value: PyValue): Family | undefined {
	return typeof value === "object" && value !== null
		? (value as { readonly [numberFamily]?: Family })[numberFamily]
		: undefined;
}

/** Whether two values of one key are two keys all the same. */
export function isApart(one: PyValue, other: PyValue): boolean {
	const [family, rival] = [familyOf(one), familyOf(other)];
	return family !== undefined && rival !== undefined && (apart[family] & rival) > 0;
}

interface Keyed {
	/** Undefined where only its parts can tell. */
	[equalityKey]?(charge?: Charge): number | bigint | boolean | string | undefined;
	[compositeParts]?(): Composite | undefined;
}

/** Stands for a value that is to be hashed item by item. */
export const COMPOSITE: unique symbol = Symbol("composite");

/** Keys that reducers gave for their objects. They stay with the objects, which live as long as their dicts. */
const reducerKeys = new WeakMap<object, number | bigint | boolean | string>();

/** Notes what a reducer's object is equal to. */
export function setEqualityKey(value: object, key: number | bigint | boolean | string): void {
	reducerKeys.set(value, key);
}

/**
 * What a Map can hold in the value's place so that Python's equality becomes the Map's: numbers of all types are one,
 * bytes go by value, objects by identity. COMPOSITE for tuples and frozensets.
 * @throws PickleError E_TYPE if Python cannot hash it: lists, dicts, sets, bytearrays, arrays
 */
export function keyOf(value: PyValue, charge?: Charge): unknown {
	switch (typeof value) {
		case "string":
			return value.charCodeAt(0) === 0 ? `\0str${value}` : value;
		case "number":
			return Number.isNaN(value) ? Symbol() : value;
		case "boolean":
			return Number(value);
		case "bigint":
			return integerKey(value, charge);
		default:
			// A caller's undefined is None.
			return (value ?? null) === null ? null : objectKey(value as object, charge);
	}
}

/** Text where no double is that number: engines hash a bigint by its low 64 bits, which a file could make all the same. */
function integerKey(value: bigint, charge?: Charge): number | string {
	const number = Number(value);
	if (Number.isFinite(number) && BigInt(number) === value) return number;
	const text = `\0int${value.toString(16)}`;
	charge?.(text.length / 8);
	return text;
}

function objectKey(value: object, charge?: Charge): unknown {
	if (Array.isArray(value)) {
		if (Object.isFrozen(value) || unfrozenTuples.has(value)) return COMPOSITE;
		throw unhashable("list");
	}
	const keyed = value as Keyed;
	const given = keyed[equalityKey]?.(charge);
	if (given !== undefined) return givenKey(given, charge);
	if (keyed[compositeParts]) {
		if (keyed[compositeParts]()) return COMPOSITE;
		throw unhashable(value.constructor.name);
	}
	if (value instanceof Uint8Array) return bytesKey(value, charge);
	if (value instanceof Date) return dateKey(value);
	if (isLong(value)) return integerKey(value.toBigInt());
	const key = reducerKeys.get(value);
	return key === undefined ? value : givenKey(key, charge);
}

/** A key that a class or reducer gave: text of its own kind must not meet a str that looks like it. */
function givenKey(key: number | bigint | boolean | string, charge?: Charge): unknown {
	return typeof key === "string" && key.charCodeAt(0) === 0 ? key : keyOf(key, charge);
}

/** What bytes are equal to. */
export function bytesKey(bytes: Uint8Array, charge?: Charge): string {
	charge?.(bytes.length / 4);
	return `\0bytes${decodeLatin1(bytes, 0, bytes.length)}`;
}

/** What a Date is equal to: an aware datetime of the moment. */
export function dateKey(date: object): string {
	const time = Date.prototype.getTime.call(date);
	return `\0datetime\0${Math.floor(time / 1000)} ${(time - Math.floor(time / 1000) * 1000) * 1000}`;
}

function unhashable(type: string): PickleError {
	return new PickleError("E_TYPE", `a ${type} cannot be a dict key or set member: Python cannot hash it`);
}

/** Tuples that `tuples: "array"` left unfrozen. */
export const unfrozenTuples = new WeakSet<object>();

const hashes = new WeakMap<object, number>();

function parts(value: object): Composite {
	if (Array.isArray(value)) return { items: value, ordered: "tuple" };
	return (value as Keyed)[compositeParts]?.() as Composite;
}

/** Hashes a key that is a composite, and tells whether it is one. @throws PickleError E_TYPE as `keyOf`, also for its items */
export function hashIfComposite(key: PyValue, charge?: Charge): boolean {
	if (keyOf(key, charge) !== COMPOSITE) return false;
	compositeHash(key as object, charge);
	return true;
}

/**
 * A 32-bit hash of a composite. It is kept with each tuple and frozenset on the way, so that one which many share is
 * hashed once. Works down a stack of its own: the input decides the depth.
 */
export function compositeHash(value: object, charge?: Charge): number {
	const known = hashes.get(value);
	if (known !== undefined) return known;
	const pending: object[] = [value];
	while (pending.length > 0) {
		const top = pending[pending.length - 1] as object;
		const waiting = pending.length;
		const { items, ordered } = parts(top);
		if (hashes.has(top)) {
			pending.pop();
			continue;
		}
		charge?.(items.length + 1);
		let hash = ordered ? 0x345678 : 0x9e3779b9 ^ items.length;
		for (const item of items) {
			const own = itemHash(item, charge);
			if (own === undefined) pending.push(item as object);
			else if (ordered) hash = Math.imul(hash ^ own, 0x01000193) + items.length;
			else hash = (hash + Math.imul(own ^ (own >>> 15), 0x85ebca6b)) | 0;
		}
		if (pending.length === waiting) {
			hashes.set(top, hash | 0);
			pending.pop();
		}
	}
	return hashes.get(value) as number;
}

/** The hash of an item, or undefined if it is a composite that has none yet. */
function itemHash(item: PyValue, charge?: Charge): number | undefined {
	const key = keyOf(item, charge);
	switch (typeof key) {
		case "string":
			return textHash(key, charge);
		case "number":
			return Number.isSafeInteger(key) ? (key % 0xfffffffb) | 0 : textHash(String(key));
		case "symbol":
			return key === COMPOSITE ? hashes.get(item as object) : 0;
		default:
			return key === null ? 1 : identityHash(key as object);
	}
}

function textHash(text: string, charge?: Charge): number {
	charge?.(text.length / 8);
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	return hash;
}

let identities = 0;

function identityHash(value: object): number {
	const known = hashes.get(value);
	if (known !== undefined) return known;
	const hash = Math.imul(++identities, 0x9e3779b1);
	hashes.set(value, hash);
	return hash;
}

/** How deep frozensets may lie in each other that have several members of one hash, before comparing them is refused. */
const MAX_COLLISION_DEPTH = 100;

/** How many comparisons of frozensets wait for one of their members. */
let comparing = 0;

/** Whether two composites are equal. */
export function compositesEqual(left: object, right: object, charge?: Charge): boolean {
	if (left === right) return true;
	if (comparing > MAX_COLLISION_DEPTH) {
		const reason = `frozensets with members of one hash lie more than ${MAX_COLLISION_DEPTH} deep in each other, too deep to compare`;
		throw new PickleError("E_LIMIT", reason, { limit: "maxWork" });
	}
	comparing++;
	try {
		return partsEqual(left, right, charge);
	} finally {
		comparing--;
	}
}

/** Goes through tuples by a list of pairs; those found equal once are not compared again. */
function partsEqual(left: object, right: object, charge?: Charge): boolean {
	const assumed = new Map<object, Set<object>>();
	const pairs: [object, object][] = [[left, right]];
	for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
		const [one, other] = pair;
		const partners = assumed.get(one) ?? new Set();
		if (partners.has(other)) continue;
		assumed.set(one, partners.add(other));
		const [a, b] = [parts(one), parts(other)];
		charge?.(a.items.length + 1);
		if (a.ordered !== b.ordered || a.items.length !== b.items.length) return false;
		if (compositeHash(one, charge) !== compositeHash(other, charge)) return false;
		for (let i = 0; i < a.items.length; i++) {
			const item = a.items[i] as PyValue;
			if (!a.ordered) {
				const alike = b.alike?.(item, charge) ?? [];
				const [only] = alike;
				if (only === undefined) return false;
				if (only === item || keyOf(item, charge) !== COMPOSITE) continue;
				if (alike.length === 1) pairs.push([item as object, only as object]);
				else if (!alike.some((member) => compositesEqual(item as object, member as object, charge))) return false;
				continue;
			}
			const match = b.items[i] as PyValue;
			if (item === match) continue;
			const [key, otherKey] = [keyOf(item, charge), keyOf(match, charge)];
			if (key !== otherKey || isApart(item, match)) return false;
			if (key === COMPOSITE) pairs.push([item as object, match as object]);
		}
	}
	return true;
}
