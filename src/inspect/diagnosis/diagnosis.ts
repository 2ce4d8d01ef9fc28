/* What diagnosing gives: plain data, which JSON.stringify keeps whole. */

/** How much of the data is still there: all, a part, nothing, or that cannot be told. */
export type Wholeness = "whole" | "partly" | "lost" | "unknown";

export type FaultCode =
	/** The file is empty. */
	| "empty"
	/** The writer died at a payload that its protocol's length field cannot hold. */
	| "overflow-unwritten"
	/** BINSTRING's length is negative as the signed number it is; unsigned it fits. */
	| "overflow-signed"
	/** The length field holds the true length modulo 2^32, and all of the payload is there. */
	| "overflow-wrapped"
	/** The length field holds the true length modulo 2^32, and only that much was written. */
	| "overflow-silent"
	/** The file ends too early. */
	| "truncated"
	/** Every LF has become CR LF. */
	| "crlf"
	/** Every CR LF has become LF, or every CR, so that payloads are shorter than they say. */
	| "newlines-lost"
	/** Every LF has become CR. */
	| "lf-to-cr"
	/** Each byte was taken for a character and written as UTF-8. */
	| "utf8"
	/** What was no UTF-8 has become U+FFFD. */
	| "replaced"
	/** A byte order mark stands in front. */
	| "bom"
	/** The top bit of each byte is gone. */
	| "seven-bit"
	/** Something stands in front: HTTP headers, the end of another file. */
	| "leading"
	/** The pickle holds a pickle as bytes. */
	| "double"
	/** NUL bytes follow. */
	| "padding"
	/** An array's bytes do not fit its shape. */
	| "array-bytes"
	/** An array's state has a bytearray where numpy takes bytes alone. */
	| "array-form"
	| "unknown-opcode"
	/** A known opcode that cannot be: no item, mark or memo entry for it, a malformed number, text or name. */
	| "malformed"
	/** A frame says that it is longer than the file. */
	| "frame"
	/** The pickle as text: base64, hex, repr, UTF-16. */
	| "transport-text"
	/** A web page, a pointer, text or zeros where a pickle should be. */
	| "not-a-pickle"
	/** A container that does not unpack. */
	| "container";

/** An edit or a change of all bytes that undoes a fault. Offsets are those of the bytes diagnosed. */
export type Mend =
	| { readonly kind: "remove"; readonly offset: number; readonly length: number }
	| { readonly kind: "insert"; readonly offset: number; readonly bytes: readonly number[] }
	/** As many bytes stand there as come. */
	| { readonly kind: "replace"; readonly offset: number; readonly bytes: readonly number[] }
	/** Each in turn over all bytes: CR goes from before LF, or becomes LF; UTF-8 becomes bytes again; the mark goes. */
	| { readonly kind: "transform"; readonly steps: readonly Transform[] }
	/** The payload of the opcode at `offset` begins at `payload` and has so many bytes, whatever its field says. */
	| { readonly kind: "length"; readonly offset: number; readonly payload: number; readonly length: number }
	/** The text is decoded. */
	| { readonly kind: "decode"; readonly encoding: "base64" | "hex" | "repr" | "utf-16le" | "utf-16be" }
	/** The value is text or bytes that are the pickle, but do not stand so in the file. */
	| { readonly kind: "unpickle" }
	/** The bytes of the value at `payload` are the pickle. */
	| { readonly kind: "extract"; readonly payload: number; readonly length: number };

export type Transform = "crlf-to-lf" | "cr-to-lf" | "utf8-to-latin1" | "utf8-to-cp1252" | "strip-bom";

/** An array that a fault concerns. */
export interface ArrayReport {
	readonly shape: readonly number[];
	/** As numpy prints it. */
	readonly dtype: string;
	readonly itemsize: number;
	readonly order: "C" | "F";
	/** Bytes that it needs; undefined for objects. */
	readonly needed?: number;
	/** Bytes that are there. */
	readonly found?: number;
	/** Whole items that are there, in storage order. */
	readonly items?: number;
	/** Where its data begin. */
	readonly data?: number;
}

/** The length that a field of 32 bits did not hold. */
export interface OverflowReport {
	/** Bytes of the payload. */
	readonly needed?: number;
	/** The most that the writer's protocol holds. */
	readonly limit: number;
	/** What the writer raised, or undefined if it raised nothing. */
	readonly error?: string;
	/** Who wrote it. */
	readonly writer: string;
	readonly opcode?: string;
	/** What the length field says. */
	readonly declared?: number;
}

/** Damage, with what repairing it needs. */
export interface Fault {
	readonly code: FaultCode;
	/** Where it begins, in bytes. */
	readonly offset: number;
	/** The opcode there, if it is one's. */
	readonly opcode?: string;
	/** What is wrong, in one sentence. */
	readonly title: string;
	/** What in the bytes shows it. */
	readonly evidence: string;
	/** Whether the data are whole. */
	readonly data: Wholeness;
	/** What to do. */
	readonly advice: string;
	/** The Python or the command that does it; FILE stands for the file. */
	readonly command?: string;
	/** What undoes it without loss. */
	readonly mend?: Mend;
	readonly array?: ArrayReport;
	readonly overflow?: OverflowReport;
	/** Bytes that are missing at least, and what was being read. */
	readonly missing?: { readonly bytes: number; readonly reading: string };
	/** For damage in the middle: from where on the rest reads as opcodes again. */
	readonly resumes?: number;
	/** For an unknown opcode: what it could be. */
	readonly candidates?: readonly string[];
}

export type ConditionCode =
	| "python2-str"
	| "numpy2-names"
	| "gone-module"
	| "needs-import"
	| "runs-code"
	| "protocol-5"
	| "persistent-loader"
	| "out-of-band"
	| "extension-registry"
	| "shared-memo"
	| "several"
	| "trailing"
	| "python2-only"
	| "companion-files";

/** The file is whole, but some reader needs something. */
export interface Condition {
	readonly code: ConditionCode;
	readonly offset?: number;
	readonly title: string;
	readonly advice: string;
	readonly command?: string;
	/** What makes it go away without loss. */
	readonly mend?: Mend;
}

/** How one kind of reader fares. */
export interface ReaderReport {
	/** `Python 2.7`, `Python 3.8 and later`, `numpy 1.x`. */
	readonly reader: string;
	readonly outcome: "loads" | "loads with" | "fails";
	/** The options it needs, or the error it raises. */
	readonly note?: string;
}

/** Who wrote the file, as far as its bytes tell. */
export interface WriterReport {
	readonly name: string;
	/** One line for each sign. */
	readonly evidence: readonly string[];
}

export interface PayloadReport {
	readonly offset: number;
	readonly opcode: string;
	readonly start: number;
	readonly length: number;
	/** What it is the data of. */
	readonly array?: string;
}

export interface GlobalReport {
	readonly name: string;
	readonly offset: number;
	readonly count: number;
	/** What it is. */
	readonly what: string;
}

export interface Statistics {
	readonly pickles: number;
	/** The highest that PROTO says, or that its opcodes need. */
	readonly protocol: number;
	readonly instructions: number;
	readonly frames: number;
	/** How often each opcode occurs, the most frequent first. */
	readonly histogram: Readonly<Record<string, number>>;
	readonly memo: { readonly stored: number; readonly read: number };
	/** How deep containers lie in each other, and how high the stack was. */
	readonly depth: number;
	readonly maxStack: number;
	readonly payloads: readonly PayloadReport[];
	readonly globals: readonly GlobalReport[];
	/** The first thousand arrays. */
	readonly arrays: readonly ArrayReport[];
	readonly arrayCount: number;
}

/** What the bytes are. */
export interface FormatReport {
	/** As it stands in a sentence: `a pickle of protocol 2`, `gzip data`. */
	readonly name: string;
	readonly kind: "pickle" | "container" | "other" | "empty";
	/** How to read it, if it is no pickle. */
	readonly advice: string;
	/** A Python expression for the bytes that lie in it, of those that it has itself, DATA, where there is one. */
	readonly unpack?: string;
	/** Members of an archive, the first 64. */
	readonly members?: readonly string[];
}

/** What is known of a file that may be a pickle. */
export interface Diagnosis {
	readonly size: number;
	readonly format: FormatReport;
	/** Of all data. */
	readonly data: Wholeness;
	/** The damage, the cause before what follows from it. Empty if there is none. */
	readonly faults: readonly Fault[];
	readonly conditions: readonly Condition[];
	readonly notes: readonly string[];
	readonly writer?: WriterReport;
	readonly readers: readonly ReaderReport[];
	readonly statistics?: Statistics;
	/** Of what a container or text holds. */
	readonly inside?: Diagnosis;
}
