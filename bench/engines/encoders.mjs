/**
 * The engines that encode. Each has
 *   label, package   as those that decode, see index.mjs
 *   input            the kind of file that its value comes from: what it encodes is what it decoded
 *   load(job)        gives { decode, encode }; encode is what is timed
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { deserialize, serialize } from "node:v8";
import { packr } from "./msgpack.mjs";

const builtLibrary = new URL("../../dist/index.js", import.meta.url).href;

/** The library with `pickler` made once. */
function library(label, options) {
	return {
		label,
		input: "pkl",
		async load() {
			const { decode, pickler } = await import(builtLibrary);
			const writer = pickler(options);
			return { decode, encode: (value) => writer.encode(value) };
		},
	};
}

const encoders = {
	picklet: library("picklet", {}),
	"picklet-all": library('picklet, `shareStrings: "all"`', { shareStrings: "all" }),
	encode: {
		label: "picklet `encode`",
		input: "pkl",
		async load() {
			const { decode, encode } = await import(builtLibrary);
			return { decode, encode: (value) => encode(value) };
		},
	},
	module: {
		label: "module",
		input: "pkl",
		async load(job) {
			const module = await import(pathToFileURL(resolve(job.module)).href);
			for (const name of ["decode", job.export]) {
				if (typeof module[name] !== "function") throw new TypeError(`${job.module} exports no function ${name}`);
			}
			return { decode: (bytes) => module.decode(bytes), encode: (value) => module[job.export](value) };
		},
	},
	json: {
		label: "JSON.stringify",
		input: "json",
		load: () => ({ decode: JSON.parse, encode: (value) => JSON.stringify(value) }),
	},
	v8: {
		label: "v8.serialize",
		input: "v8",
		load: () => ({ decode: deserialize, encode: serialize }),
	},
	msgpackr: {
		label: "msgpackr",
		package: "msgpackr",
		input: "msgpack",
		load() {
			const both = packr();
			return { decode: (bytes) => both.unpack(bytes), encode: (value) => both.pack(value) };
		},
	},
};

/** Names of the encoders that a full run compares, in the order of the table. */
export const comparedEncoders = Object.keys(encoders).filter((name) => name !== "module");

/** The encoder of that name; a TypeError if there is none. */
export function encoderNamed(name) {
	if (!Object.hasOwn(encoders, name))
		throw new TypeError(`no such encoder: ${name} (there are ${comparedEncoders.join(", ")})`);
	return encoders[name];
}
