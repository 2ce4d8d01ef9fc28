import type { Condition } from "./diagnosis.ts";
import type { Findings } from "./findings.ts";
import { goneModules, isApplications, isRisky } from "./names.ts";
import { plural } from "./words.ts";

/** What else than its bytes tells the conditions of a file. */
export interface Circumstances {
	readonly pickles: number;
	readonly sharedMemo: boolean;
	/** Bytes after the last pickle, and what they are. */
	readonly trailing?: { readonly offset: number; readonly length: number; readonly name: string } | undefined;
	/** The program that brings the loader of persistent ids, where the format tells. */
	readonly loader?: string | undefined;
}

/** What some reader of a whole file needs. */
export function conditionsOf(findings: Findings, around: Circumstances): Condition[] {
	return [
		...python2Str(findings),
		...newerThings(findings),
		...gone(findings),
		...applications(findings),
		...risky(findings),
		...outside(findings, around),
		...several(around),
		...lax(findings),
	];
}

/** What takes bytes where Python 2 wrote a str. */
const TAKES_BYTES =
	/^(datetime\.\w+|(__builtin__|builtins)\.(set|frozenset|complex|list|dict|tuple|slice|x?range)|collections\.(OrderedDict|deque|defaultdict))$/;

/** The encodings with which Python 3 reads strs of Python 2 that are not ASCII. */
export function encodingsOf({ globals }: Findings): string {
	// Others, such as bytearray, array and numpy, want names of encodings and types as text.
	const takesBytes = [...globals.values()].every(({ global }) => TAKES_BYTES.test(global.path));
	return `encoding="latin1"${takesBytes ? ' or "bytes"' : ""}`;
}

function python2Str(findings: Findings): Condition[] {
	const { nonAscii, arrayCount } = findings;
	if (nonAscii === undefined) return [];
	const byte = nonAscii.byte.toString(16).padStart(2, "0");
	const what =
		arrayCount > 0 ? "Python 2 strs, among them data of arrays, are not ASCII" : "Python 2 strs are not ASCII";
	return [
		{
			code: "python2-str",
			offset: nonAscii.at,
			title: `${what} (${nonAscii.count} of them; the first has 0x${byte} at its index ${nonAscii.position}).`,
			advice: `Python 3 needs ${encodingsOf(findings)}.`,
			command: "import pickle; pickle.load(open(FILE, 'rb'), encoding='latin1')",
		},
	];
}

/** What numpy 1 raises at an aligned structured dtype of numpy 2. */
export const WIDE_FLAGS = "ValueError: incorrect value for flags variable (overflow)";

function newerThings(findings: Findings): Condition[] {
	const found: Condition[] = [];
	const core = [...findings.globals.values()].find(({ global }) => isNumpy2(global.module));
	if (core && findings.wideFlags) {
		const { module, at } = core.global;
		found.push({
			code: "numpy2-names",
			offset: at,
			title: `It names ${module}, as numpy 2 does, and its dtypes have flags of numpy 2.`,
			advice: `numpy 2 reads it; numpy 1 raises ${WIDE_FLAGS}.`,
		});
	} else if (core) {
		const { module, at } = core.global;
		found.push({
			code: "numpy2-names",
			offset: at,
			title: `It names ${module}, as numpy 2 does.`,
			advice: `numpy 2 reads it${shims(findings) ? ", and 1.26" : ""}; others raise ModuleNotFoundError: No module named '${module === "numpy.rec" ? module : "numpy._core"}'. This makes numpy 1 read it:`,
			command:
				"import sys, numpy.core; sys.modules.update((name.replace('core', '_core', 1), module) for name, module in list(sys.modules.items()) if name.startswith('numpy.core')); sys.modules['numpy.rec'] = numpy.core.records",
		});
	}
	if (Math.max(findings.protocol ?? 0, findings.neededProtocol) === 5) {
		found.push({
			code: "protocol-5",
			title: "It has protocol 5.",
			advice: "Python 3.8 or later reads it; for older ones write it with protocol=4.",
		});
	}
	return found;
}

/** Modules that numpy has from 2.0 on. */
function isNumpy2(module: string): boolean {
	return /^numpy\.(_core\b|rec$)/.test(module);
}

/** Whether numpy 1.26 has what the pickle names of numpy 2: of numpy._core only what most arrays and ufuncs need. */
export function shims({ globals }: Findings): boolean {
	return [...globals.values()].every(
		({ global }) => !isNumpy2(global.module) || /^numpy\._core\.(multiarray|_multiarray_umath)$/.test(global.module),
	);
}

function gone({ globals }: Findings): Condition[] {
	return goneModules.flatMap(({ pattern, since, advice }) => {
		const found = [...globals.values()].find(({ global }) => pattern.test(global.path));
		if (found === undefined) return [];
		const { module, at } = found.global;
		return [
			{ code: "gone-module", offset: at, title: `The module ${module} is gone since ${since}.`, advice },
		] as const;
	});
}

/** Names that are shown of several. */
const SHOWN = 3;

/** What the reader has to bring: the commonest reason why a whole pickle does not load. */
function applications({ globals }: Findings): Condition[] {
	const found = [...globals.values()].filter(
		({ global: { path } }) => isApplications(path) && !goneModules.some(({ pattern }) => pattern.test(path)),
	);
	const [first] = found;
	if (first === undefined) return [];
	return [
		{
			code: "needs-import",
			offset: first.global.at,
			title: `It names ${listed(found.map(({ global }) => global.path))}.`,
			advice: "The reader must have that code; else Python raises ModuleNotFoundError or AttributeError.",
		},
	];
}

function risky({ globals }: Findings): Condition[] {
	const found = [...globals.values()].filter(({ global }) => isRisky(global.path));
	const [first] = found;
	if (first === undefined) return [];
	return [
		{
			code: "runs-code",
			offset: first.global.at,
			title: `It names ${listed(found.map(({ global }) => global.path))}, which can run code or act on the system.`,
			advice: "Load it in Python only if you trust where it comes from; picklet show runs nothing.",
		},
	];
}

function listed(names: readonly string[]): string {
	const more = names.length > SHOWN ? ` and ${plural(names.length - SHOWN, "other name")}` : "";
	return names.slice(0, SHOWN).join(", ") + more;
}

function outside({ persistentIds, buffers, extensions, globals }: Findings, { loader }: Circumstances): Condition[] {
	const found: Condition[] = [];
	if (persistentIds > 0) {
		found.push({
			code: "persistent-loader",
			title: `${plural(persistentIds, "object")} ${persistentIds === 1 ? "lies" : "lie"} outside the pickle, by persistent id.`,
			advice: loader ?? "The reader's Unpickler must have the persistent_load of the program that wrote it.",
		});
	}
	if (buffers > 0) {
		found.push({
			code: "out-of-band",
			title: `${plural(buffers, "buffer")} ${buffers === 1 ? "lies" : "lie"} outside the pickle.`,
			advice: "Pass them in their order: pickle.load(file, buffers=[...]).",
		});
	}
	if (extensions > 0) {
		found.push({
			code: "extension-registry",
			title: "It names classes by codes of copyreg's extension registry.",
			advice: "Register them first, as the writer did: copyreg.add_extension(module, name, code).",
		});
	}
	const wrapper = globals.get("joblib.numpy_pickle.NDArrayWrapper");
	if (wrapper) {
		found.push({
			code: "companion-files",
			offset: wrapper.global.at,
			title: "Its arrays lie in files of their own beside it, as joblib before 0.10 wrote them.",
			advice: "Keep NAME_01.npy and so on beside it; joblib.load reads them.",
		});
	}
	return found;
}

function several({ pickles, sharedMemo, trailing }: Circumstances): Condition[] {
	const found: Condition[] = [];
	if (pickles > 1) {
		found.push({
			code: "several",
			title: `The file holds ${plural(pickles, "pickle")}, one after another.`,
			advice: "pickle.load reads the first; call it again on the same file for each of the others.",
		});
	}
	if (sharedMemo) {
		found.push({
			code: "shared-memo",
			title: "One Pickler wrote them all: later ones refer to what earlier ones stored.",
			advice: "Read them all with one pickle.Unpickler(file), calling its load() again.",
		});
	}
	if (trailing) {
		found.push({
			code: "trailing",
			offset: trailing.offset,
			title: `${plural(trailing.length, "byte")} ${trailing.length === 1 ? "follows" : "follow"} the last pickle: ${trailing.name}.`,
			advice: "pickle.load leaves them; other readers may refuse the file.",
			mend: { kind: "remove", offset: trailing.offset, length: trailing.length },
		});
	}
	return found;
}

function lax({ anomalies }: Findings): Condition[] {
	const found = anomalies.get("mark") ?? anomalies.get("memo");
	if (found === undefined) return [];
	return [
		{
			code: "python2-only",
			offset: found.offset,
			title: "A MARK stands where a value should, or a memo index is no number.",
			advice: "Python 2's pickle.py takes it; Python 3 refuses it.",
		},
	];
}
