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
export const printableRuns: string =
	"${lines.map((line) => line.trim()).join(' " +\n\t"')}";
`;
await writeFile(join(import.meta.dirname, "../src/inspect/printable.ts"), code);
