import { describe, expect, it } from "vitest";
import { DType, decode, NDArray, PyDict, PyFloat, PySet, type PyValue, tuple } from "../../src/index.ts";
import { compareTags } from "./compareTags.ts";
import { corpusFiles, decodeOptionsFor } from "./corpus.ts";
import { describe as describeValue } from "./describe.ts";
import type { Tag } from "./tags.ts";

function differences(actual: PyValue, expected: PyValue): string[] {
	return compareTags(describeValue(actual), describeValue(expected));
}

const shared = [1];

describe("comparing tags", () => {
	it.each<[string, PyValue, PyValue]>([
		["a list and a tuple", [1], tuple(1)],
		["an int and a float", 1, new PyFloat(1)],
		["zeros of either sign", new PyFloat(0), new PyFloat(-0)],
		["items in another order", [1, 2], [2, 1]],
		["an item more", [1, 2], [1]],
		["one object twice and two that are equal", [shared, shared], [[1], [1]]],
		["two equal objects and one twice", [[1], [1]], [shared, shared]],
		["dicts in another order", dictOf("a", "b"), dictOf("b", "a")],
		["sets of other members", new PySet([1, 2]), new PySet([1, 3])],
		["arrays of other numbers", doubles([1, 2]), doubles([1, 3])],
		["arrays of another shape", doubles([1, 2]), doubles([1, 2]).reshape(2, 1)],
		["arrays of another order", doubles([1, 2, 3, 4]).reshape(2, 2), doubles([1, 3, 2, 4]).reshape(2, 2).transpose()],
	])("tells apart %s", (_, actual, expected) => {
		expect(differences(actual, expected)).not.toEqual([]);
	});

	it.each<[string, PyValue, PyValue]>([
		["sets in any order", new PySet([1, tuple(2), "a"]), new PySet(["a", 1, tuple(2)])],
		["an array in either byte order", doubles([1, 2], ">f8"), doubles([1, 2], "<f8")],
		["cycles", cycle(), cycle()],
		["what lies deeper than is described", nested(1000), nested(1000)],
	])("takes for the same %s", (_, actual, expected) => {
		expect(differences(actual, expected)).toEqual([]);
	});

	it("notices whatever is changed in what Python has", () => {
		for (const file of corpusFiles().filter(({ expected }) => expected.value)) {
			const actual = describeValue(decode(file.data, decodeOptionsFor(file)));
			for (const { changed, what } of changes(file.expected.value as Tag)) {
				expect(compareTags(actual, changed), `${file.path}: ${what}`).not.toEqual([]);
			}
		}
	});
});

function dictOf(...keys: readonly string[]): PyDict {
	return new PyDict(keys.map((key) => [key, 1]));
}

function doubles(values: readonly number[], dtype = "<f8"): NDArray {
	return new NDArray(Float64Array.from(values), DType.of(dtype), [values.length]);
}

function cycle(): PyValue {
	const list: PyValue[] = [];
	list.push(tuple(list));
	return list;
}

function nested(depth: number): PyValue {
	let value: PyValue[] = [];
	for (let level = 0; level < depth; level++) value = [value];
	return value;
}

/** Fields that are always compared. Of other tags `v` is for people, beside bits and bytes. */
const comparedFields = ["bits", "hex", "sha256", "shape", "order"];
const comparedValues = ["int", "str", "bool", "decimal", "fraction", "uuid"];

/** The tag with one of these fields changed in one node, for every node outside arrays, scalars and long containers. */
function* changes(tag: Tag): Generator<{ readonly changed: Tag; readonly what: string }> {
	const root = structuredClone(tag);
	for (const node of nodesOf(root)) {
		const fields = comparedValues.includes(node["t"] as string) ? [...comparedFields, "v"] : comparedFields;
		for (const field of fields.filter((name) => node[name] !== undefined)) {
			const value = node[field];
			node[field] = otherThan(value, field);
			yield { changed: root, what: `${field} ${JSON.stringify(value)}` };
			node[field] = value;
		}
	}
}

function* nodesOf(node: unknown): Generator<Record<string, unknown>> {
	if (typeof node !== "object" || node === null) return;
	if (Array.isArray(node)) {
		for (const item of node.slice(0, 40)) yield* nodesOf(item);
		return;
	}
	const tag = node as Record<string, unknown>;
	if (typeof tag["t"] === "string") yield tag;
	if (tag["t"] === "ndarray" || tag["t"] === "npscalar" || tag["len"] !== undefined || tag["name"] === "_reconstruct")
		return;
	for (const part of Object.values(tag)) yield* nodesOf(part);
}

function otherThan(value: unknown, field: string): unknown {
	if (Array.isArray(value)) return [...value, 1];
	if (typeof value === "boolean") return !value;
	const text = value as string;
	if (field === "v") return `${text}1`;
	return text === "" ? "00" : `${text.startsWith("0") ? "1" : "0"}${text.slice(1)}`;
}
