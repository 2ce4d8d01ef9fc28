import type { WriterReport } from "./diagnosis.ts";
import type { Findings } from "./findings.ts";

/** Who wrote a pickle: the library on top if there is one, the pickler, the generation of numpy; each with its signs. */
export function writerOf(findings: Findings): WriterReport {
	const evidence: string[] = [];
	const names = [libraryOf(findings, evidence), picklerOf(findings, evidence), numpyOf(findings, evidence)].filter(
		(name) => name !== undefined,
	);
	return { name: names.join(", "), evidence };
}

const libraries: readonly (readonly [RegExp, string])[] = [
	[/^dill\./, "dill"],
	[/^cloudpickle\./, "cloudpickle"],
	[/^(sklearn\.externals\.)?joblib\.numpy_pickle\./, "joblib"],
	[/^torch\b/, "torch.save or a pickle of torch"],
	[/^pandas\./, "pandas"],
];

function libraryOf(findings: Findings, evidence: string[]): string | undefined {
	for (const [pattern, name] of libraries) {
		const found = [...findings.globals.keys()].find((path) => pattern.test(path));
		if (found === undefined) continue;
		evidence.push(`it names ${found}`);
		return name;
	}
	return undefined;
}

function picklerOf(findings: Findings, evidence: string[]): string {
	const protocol = findings.protocol ?? findings.neededProtocol;
	if (protocol >= 4) return modern(findings, evidence, protocol);
	if (protocol === 3) {
		evidence.push("protocol 3, which only Python 3 writes");
		return withoutMemo(findings, evidence) ?? "Python 3";
	}
	const isPython3 = findings.globals.has("_codecs.encode");
	if (isPython3) evidence.push("bytes written as _codecs.encode of text, as Python 3 does below protocol 3");
	if (isPython3) return "Python 3";
	const foreign = withoutMemo(findings, evidence);
	if (foreign) return foreign;
	const isPython2 = findings.strs > 0;
	if (isPython2) evidence.push("strings by STRING, BINSTRING or SHORT_BINSTRING, which only Python 2 writes");
	if (findings.firstPut === 1) {
		evidence.push("the memo is numbered from 1, as Python 2's cPickle does");
		return "Python 2, cPickle";
	}
	if (findings.puts === 0) return isPython2 ? "Python 2" : "Python 2 or 3";
	if (findings.firstPut !== 0) return isPython2 ? "Python 2" : "Python 2 or 3";
	evidence.push("the memo is numbered from 0, as pickle.py and Python 3 do");
	return isPython2 ? "Python 2, pickle" : "Python 3, or Python 2's pickle";
}

function modern(findings: Findings, evidence: string[], protocol: number): string {
	const stored = findings.memoized > 0 || findings.gets > 0;
	if (findings.frames > 0) {
		evidence.push(`protocol ${protocol} with frames, as Python 3.${protocol === 4 ? 4 : 8} and later write it`);
		return protocol === 4 ? "Python 3.4 or later" : "Python 3.8 or later";
	}
	if (findings.puts > 0 && !stored) {
		evidence.push(`protocol ${protocol} with PUT, where Python writes MEMOIZE`);
		return "another program than Python's pickle";
	}
	// Python leaves out the frame of a pickle of less than four bytes.
	if (findings.instructions > 4) {
		evidence.push(`protocol ${protocol} without frames, which Python's pickle always writes`);
		return "another program than Python's pickle, or joblib";
	}
	evidence.push(`protocol ${protocol}`);
	return protocol === 4 ? "Python 3.4 or later" : "Python 3.8 or later";
}

/** Containers and strings that the memo never gets: pickletools.optimize, or a library that keeps none. */
function withoutMemo({ puts, memoized, histogram, instructions }: Findings, evidence: string[]): string | undefined {
	const containers = [0x5d, 0x7d, 0x6c, 0x64, 0x58, 0x56].some((code) => (histogram[code] ?? 0) > 0);
	if (puts + memoized > 0 || !containers || instructions < 6) return undefined;
	evidence.push("nothing is put into the memo, as Python's picklers always do");
	return "pickletools.optimize, or another language's library";
}

function numpyOf(findings: Findings, evidence: string[]): string | undefined {
	if (!findings.names(/^numpy\b/)) return undefined;
	if (findings.names(/^numpy\._core\./)) {
		evidence.push("names of numpy._core, which numpy has from 2.0 on");
		return "numpy 2";
	}
	if (findings.dtypeFlags === "ints") {
		evidence.push("dtypes called with the ints 0 and 1, as numpy up to 1.17 does");
		return "numpy 1.17 or older";
	}
	if (findings.dtypeFlags === "bools" && findings.names(/^numpy\.core\./)) {
		evidence.push("names of numpy.core, and dtypes called with False and True, as numpy 1.18 to 1.26 do");
		return "numpy 1.18 to 1.26";
	}
	return "numpy";
}
