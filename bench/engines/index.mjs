/**
 * The engines that run in Node. Each has
 *   label     for the table; `package` where its version belongs beside it
 *   input     the kind of file it reads: "pkl", "json", or a twin of the value that twins.mjs makes ("v8", "msgpack")
 *   protocol  of the pickle, where it cannot read the workload's own
 *   load(job) gives the function that is timed: input to value
 *   collect   drops what the engine itself holds of the last value, before each iteration
 *   isRight   checks the last value where it does not lie in this runtime's heap
 */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { deserialize } from "node:v8";
import { packr } from "./msgpack.mjs";
import { pyodide } from "./pyodide.mjs";

const require = createRequire(import.meta.url);
const builtLibrary = new URL("../../dist/index.js", import.meta.url).href;

const engines = {
	picklet: {
		label: "picklet",
		input: "pkl",
		async load() {
			const { unpickler } = await import(builtLibrary);
			const reader = unpickler({});
			return (bytes) => reader.decode(bytes);
		},
	},
	decode: {
		label: "picklet `decode`",
		input: "pkl",
		async load() {
			const { decode } = await import(builtLibrary);
			return (bytes) => decode(bytes);
		},
	},
	module: {
		label: "module",
		input: "pkl",
		async load(job) {
			const module = await import(pathToFileURL(resolve(job.module)).href);
			const decode = module[job.export];
			if (typeof decode !== "function") throw new TypeError(`${job.module} exports no function ${job.export}`);
			return (bytes) => decode(bytes);
		},
	},
	pickleparser: {
		label: "pickleparser",
		package: "pickleparser",
		input: "pkl",
		load() {
			const { Parser } = require("pickleparser");
			return (bytes) => new Parser().parse(bytes);
		},
	},
	jpickle: {
		label: "jpickle",
		package: "jpickle",
		input: "pkl",
		/** It knows no later one than 2, and only classes that it was given. */
		protocol: 2,
		load() {
			const jpickle = require("jpickle");
			jpickle.emulated["pclasses.Point"] = function Point() {};
			return (bytes) => jpickle.loads(Buffer.from(bytes.buffer).toString("latin1"));
		},
	},
	json: {
		label: "JSON.parse",
		input: "json",
		load: () => JSON.parse,
	},
	v8: {
		label: "v8.deserialize",
		input: "v8",
		load: () => deserialize,
	},
	msgpackr: {
		label: "msgpackr",
		package: "msgpackr",
		input: "msgpack",
		load() {
			const reader = packr();
			return (bytes) => reader.unpack(bytes);
		},
	},
	pyodide,
};

/** Names of the engines that a full run compares, in the order of the table. */
export const comparedEngines = Object.keys(engines).filter((name) => name !== "module");

/** The engine of that name; a TypeError if there is none. */
export function engineNamed(name) {
	if (!Object.hasOwn(engines, name))
		throw new TypeError(`no such engine: ${name} (there are ${comparedEngines.join(", ")})`);
	return engines[name];
}
