/**
 * Writes a pickle's value again as v8.serialize or msgpackr writes it, with identity kept: twins.mjs v8|msgpack PICKLE EXPECTED TWIN
 * Dicts become objects where all keys are strings, else Maps; objects of Python classes become objects of their state.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { serialize } from "node:v8";
import { isRight } from "../samples.mjs";
import { packr } from "./msgpack.mjs";

function isDict(value) {
	return typeof value.toMap === "function" && typeof value.entries === "function";
}

function emptyTwin(value) {
	if (Array.isArray(value)) return [];
	if (isDict(value) && [...value.keys()].some((key) => typeof key !== "string")) return new Map();
	return {};
}

/** Fills `target` with `source`'s parts, each mapped by `twinOf`. */
function fill(target, source, twinOf) {
	if (Array.isArray(source)) {
		for (const item of source) target.push(twinOf(item));
		return;
	}
	const entries = isDict(source) ? source : (source.state ?? []);
	for (const [key, value] of entries) {
		if (target instanceof Map) target.set(key, twinOf(value));
		else target[key] = twinOf(value);
	}
}

/** Not recursive: W5 is deeper than the call stack. */
function twin(root) {
	const twins = new Map();
	const unfilled = [];
	function twinOf(value) {
		if (typeof value !== "object" || value === null) return value;
		if (!twins.has(value)) twins.set(value, begin(value));
		return twins.get(value);
	}
	function begin(value) {
		if ("dtype" in value && "data" in value) return value.data.slice();
		const target = emptyTwin(value);
		unfilled.push([target, value]);
		return target;
	}
	const result = twinOf(root);
	while (unfilled.length > 0) fill(...unfilled.pop(), twinOf);
	return result;
}

const [kind, pickle, expected, output] = process.argv.slice(2);
const { decode } = await import("../../dist/index.js");
const value = decode(readFileSync(pickle));
if (!isRight(value, JSON.parse(readFileSync(expected, "utf8"))))
	throw new Error("the library itself decoded it wrongly");
const write = kind === "v8" ? serialize : (plain) => packr().pack(plain);
writeFileSync(`${output}.part`, write(twin(value)));
renameSync(`${output}.part`, output);
