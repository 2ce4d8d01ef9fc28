import { encodingsOf, shims, WIDE_FLAGS } from "./conditions.ts";
import type { Condition, Fault, ReaderReport } from "./diagnosis.ts";
import type { Findings } from "./findings.ts";
import { python3Alone } from "./names.ts";

const pythons = [
	{ reader: "Python 2.7", highest: 2 },
	{ reader: "Python 3.0 to 3.3", highest: 3 },
	{ reader: "Python 3.4 to 3.7", highest: 4 },
	{ reader: "Python 3.8 and later", highest: 5 },
] as const;

/** How the Pythons, and numpy's generations if there are arrays, fare with the file. */
export function readersOf(
	findings: Findings,
	faults: readonly Fault[],
	conditions: readonly Condition[],
): ReaderReport[] {
	const rows = pythons.map((python) => pythonReader(python, findings, faults, conditions));
	return findings.names(/^numpy\b/) ? [...rows, ...numpyReaders(findings, faults)] : rows;
}

function pythonReader(
	{ reader, highest }: (typeof pythons)[number],
	findings: Findings,
	faults: readonly Fault[],
	conditions: readonly Condition[],
): ReaderReport {
	const isPython2 = highest === 2;
	const protocol = findings.protocol ?? 0;
	if (protocol > highest)
		return { reader, outcome: "fails", note: `ValueError: unsupported pickle protocol: ${protocol}` };
	const error = faults.map((fault) => errorOf(fault, isPython2)).find((text) => text !== undefined);
	if (error !== undefined) return { reader, outcome: "fails", note: error };
	const has = (code: Condition["code"]) => conditions.find((condition) => condition.code === code);
	if (has("python2-only") && !isPython2)
		return { reader, outcome: "fails", note: "UnpicklingError: unexpected MARK found" };
	if (isPython2 && findings.names(python3Alone))
		return { reader, outcome: "fails", note: "AttributeError or ImportError: a class that Python 2 does not have" };
	if (isPython2 && findings.strs === 0 && findings.names(/^numpy\.core\._ufunc_reconstruct$/))
		return { reader, outcome: "fails", note: "TypeError: Item in ``from list'' must be str, not unicode" };
	const needs = [
		!isPython2 && findings.nonAscii && encodingsOf(findings),
		has("persistent-loader") && "a persistent_load",
		has("out-of-band") && "buffers=",
		has("extension-registry") && "copyreg's extension registry",
	].filter((need) => typeof need === "string");
	if (needs.length === 0) return { reader, outcome: "loads" };
	const { nonAscii } = findings;
	const without =
		nonAscii && !isPython2
			? `; else UnicodeDecodeError: 'ascii' codec can't decode byte 0x${nonAscii.byte.toString(16).padStart(2, "0")} in position ${nonAscii.position}: ordinal not in range(128)`
			: "";
	return { reader, outcome: "loads with", note: needs.join(", ") + without };
}

/** What Python raises for a fault; undefined if it reads past it. */
function errorOf({ code, offset, opcode, missing, title }: Fault, isPython2: boolean): string | undefined {
	switch (code) {
		case "padding":
		case "double":
			return undefined;
		case "empty":
			return isPython2 ? "EOFError" : "EOFError: Ran out of input";
		case "overflow-unwritten":
			return isPython2 ? "EOFError" : "EOFError: Ran out of input";
		case "truncated":
			if (isPython2) return "EOFError";
			return opcode === undefined
				? "EOFError: Ran out of input"
				: `UnpicklingError: pickle data was truncated (${missing?.reading ?? opcode})`;
		case "overflow-signed":
			return "UnpicklingError: BINSTRING pickle has negative byte count (C unpicklers of Python 3.3 and later, before the fix of gh-135321, read it)";
		case "array-form":
			return "TypeError: pickle not returning string";
		case "array-bytes":
		case "overflow-silent":
			return "ValueError: buffer size does not match array size";
		case "frame":
			return "UnpicklingError: pickle exhausted before end of frame";
		case "unknown-opcode":
			return `UnpicklingError: invalid load key, at offset ${offset}`;
		default:
			return title;
	}
}

function numpyReaders(findings: Findings, faults: readonly Fault[]): ReaderReport[] {
	const broken = faults.some(({ code }) => !["padding", "double"].includes(code));
	if (broken)
		return ["numpy 1.x", "numpy 2.x"].map((reader) => ({ reader, outcome: "fails", note: "see above" }) as const);
	return [numpy1Reader(findings), numpy2Reader(findings)];
}

function numpy1Reader(findings: Findings): ReaderReport {
	const reader = "numpy 1.x";
	if (findings.names(/^numpy\._core\._internal\._convert_to_stringdtype_kwargs$/)) {
		return { reader, outcome: "fails", note: "StringDType is numpy 2's" };
	}
	if (findings.wideFlags) return { reader, outcome: "fails", note: WIDE_FLAGS };
	if (!findings.names(/^numpy\.(_core|rec)\./)) return { reader, outcome: "loads" };
	const error = `ModuleNotFoundError: No module named '${findings.names(/^numpy\._core\./) ? "numpy._core" : "numpy.rec"}'`;
	if (!shims(findings)) return { reader, outcome: "fails", note: error };
	return { reader, outcome: "loads with", note: `1.26; before, ${error}` };
}

/** Of arrays whose axes have an order of their own. */
export const NEEDS_AXES = "2.4; 2.0 raises TypeError: _frombuffer() takes 4 positional arguments but 5 were given";

function numpy2Reader({ axes }: Findings): ReaderReport {
	const reader = "numpy 2.x";
	if (!axes) return { reader, outcome: "loads" };
	return { reader, outcome: "loads with", note: NEEDS_AXES };
}
