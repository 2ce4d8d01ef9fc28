/** CPython compiled to WebAssembly: its own pickle.loads, which is what reads a pickle in a browser today. */
import { readFileSync } from "node:fs";

/** Keeps the value inside Python: turning it into JavaScript would be a cost of its own. */
const loader = `
import gc, json, pickle, sys
sys.path[:0] = ['/bench', '/bench/engines']
import python

value = data = None

def read(bytes):
    global data
    data = bytes.to_bytes()

def load():
    global value
    value = pickle.loads(data)

def collect():
    global value
    value = None
    gc.collect()

def is_right(expected):
    return python.is_right(value, json.loads(expected))
`;

let globals;

function copyIn(runtime, name) {
	runtime.FS.writeFile(`/bench/${name}`, readFileSync(new URL(`../${name}`, import.meta.url)));
}

export const pyodide = {
	label: "pyodide",
	package: "pyodide",
	input: "pkl",
	async load(job) {
		const { loadPyodide } = await import("pyodide");
		const runtime = await loadPyodide();
		runtime.FS.mkdirTree("/bench/engines");
		copyIn(runtime, "pclasses.py");
		copyIn(runtime, "engines/python.py");
		runtime.runPython(loader);
		globals = runtime.globals;
		globals.get("read")(new Uint8Array(readFileSync(job.input)));
		const load = globals.get("load");
		return () => load();
	},
	collect: () => globals.get("collect")(),
	isRight: (job) => globals.get("is_right")(readFileSync(job.expected, "utf8")),
};
