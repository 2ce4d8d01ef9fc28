/**
 * Writes src/inspect/printable.ts: which characters Python's `repr` shows as they are, by CPython 3.14's `str.isprintable`
 * (Unicode 16) in pyodide. To be run again when pyodide brings another CPython:
 *
 *   node scripts/printable.mjs
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPyodide } from "pyodide";

const python = await loadPyodide();
const [version, unicode, edges] = JSON.parse(
	python.runPython(`
import json, sys, unicodedata
printable = [chr(code).isprintable() for code in range(0x110000)]
edges = [code for code in range(1, 0x110000) if printable[code] != printable[code - 1]]
json.dumps([sys.version.split()[0], unicodedata.unidata_version, edges])
`),
);
const runs = edges.map((edge, i) => (edge - (edges[i - 1] ?? 0)).toString(36));
const lines = runs.join(" ").match(/.{1,116}(?= |$)/g) ?? [];
const code = `/* Written by scripts/printable.mjs from CPython ${version}, Unicode ${unicode}. Engines carry other versions. */

/** Lengths of runs of code points in base 36: not printable, printable, not printable, ... */
const runs =
	"${lines.map((line) => line.trim()).join(' " +\n\t"')}";

/** The first code point of each run but the first. */
const edges = Uint32Array.from(runs.split(" "), (length) => Number.parseInt(length, 36));
for (let i = 1; i < edges.length; i++) edges[i] = (edges[i] as number) + (edges[i - 1] as number);

/** Whether Python's \`repr\` shows a code point as it is: \`str.isprintable\`. */
export function isPrintable(code: number): boolean {
	let low = 0;
	let high = edges.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((edges[middle] as number) <= code) low = middle + 1;
		else high = middle;
	}
	return low % 2 === 1;
}
`;
await writeFile(join(import.meta.dirname, "../src/inspect/printable.ts"), code);
