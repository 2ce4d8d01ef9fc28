/** Whether a decoded value is what the workload holds, by a few places of it that workloads.py wrote beside it. */

function step(value, key) {
	if (Array.isArray(value)) return value[key];
	if (ArrayBuffer.isView(value)) return value instanceof Uint8Array ? undefined : value[key];
	if (typeof value?.get === "function") return value.get(key);
	return value?.[key];
}

function lengthOf(value) {
	return value?.length ?? value?.size ?? Object.keys(value).length;
}

/** `value` after the steps of `path`: items of arrays, entries of maps, attributes of objects. */
function at(value, path) {
	let place = value;
	for (const key of path) place = step(place, key);
	return place;
}

function isSame(found, sample) {
	if (typeof sample === "object" && sample !== null) return typeof found === "bigint" && found === BigInt(sample.int);
	return found === sample;
}

function isNested(value, depth) {
	let list = value;
	for (let level = 1; level < depth; level++) {
		if (!Array.isArray(list) || list.length !== 1) return false;
		list = list[0];
	}
	return Array.isArray(list) && list.length === 0;
}

/** True if `value` has the length and the samples (or the depth) of `expected`, the content of an .expect.json. */
export function isRight(value, expected) {
	if ("depth" in expected) return isNested(value, expected.depth);
	if (lengthOf(value) !== expected.length) return false;
	return expected.samples.every(([path, sample]) => isSame(at(value, path), sample));
}
