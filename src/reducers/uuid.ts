import { PyUUID, type UuidSafety } from "../values/identifiers.ts";
import { PyObject } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { integer, positional, refuse, safeInteger, text } from "./arguments.ts";
import { attributeDict, attributesOf, plainObject } from "./objects.ts";
import type { Reducer } from "./reducer.ts";

/** The values of `uuid.SafeUUID`, which Python 3.7 and later pickle in the place of its members. */
const safeties: readonly (readonly [UuidSafety, number | null])[] = [
	["safe", 0],
	["unsafe", -1],
	["unknown", null],
];

/** The members themselves, which Python 3.6 pickles. */
const members = new WeakMap<PyUUID, PyObject>();

function safetyOf(value: PyValue | undefined): UuidSafety {
	const found = value instanceof PyObject ? value.args[0] : value;
	const known = safeties.find(([, number]) => number === (found ?? null));
	if (known) return known[0];
	throw refuse("is_safe of a UUID is to be 0, -1 or None");
}

/** Its state is `{'int': ...}`, with `is_safe` if that is known. */
const uuid: Reducer<PyUUID> = {
	name: "uuid.UUID",
	create: (call, context) => {
		const [hex] = call.kind === "new" ? positional(call, "UUID.__new__", 0, 0) : positional(call, "UUID", 1, 1);
		if (hex === undefined) return new PyUUID(0);
		return PyUUID.parse(text(hex, context));
	},
	setState: (value, state, context) => {
		const attributes = attributesOf(state, context);
		const isSafe = attributes.get("is_safe");
		PyUUID.set(value, integer(attributes.get("int")), safetyOf(isSafe));
		if (isSafe instanceof PyObject) members.set(value, isSafe);
	},
	types: [PyUUID],
	reduce: (value, context) => {
		const { int, safety } = value;
		const isSafe = members.get(value) ?? safeties.find(([name]) => name === safety)?.[1] ?? null;
		const attributes: [string, PyValue][] = [["int", safeInteger(int)]];
		if (isSafe !== null) attributes.push(["is_safe", isSafe]);
		return plainObject(["uuid", "UUID"], context, { state: attributeDict(attributes, context) });
	},
};

/** Python's module uuid. */
export const uuidReducers: readonly Reducer[] = [uuid];
