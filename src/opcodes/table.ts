/* The opcode table. What each does in a line of prose lies in docs.ts, which only `inspect` loads. */

// Codes as constants, so that a bundler can put them into `switch` as literals (a jump table instead of comparisons).
export const MARK = 0x28;
export const EMPTY_TUPLE = 0x29;
export const STOP = 0x2e;
export const POP = 0x30;
export const POP_MARK = 0x31;
export const DUP = 0x32;
export const BINBYTES = 0x42;
export const SHORT_BINBYTES = 0x43;
export const FLOAT = 0x46;
export const BINFLOAT = 0x47;
export const INT = 0x49;
export const BININT = 0x4a;
export const BININT1 = 0x4b;
export const LONG = 0x4c;
export const BININT2 = 0x4d;
export const NONE = 0x4e;
export const PERSID = 0x50;
export const BINPERSID = 0x51;
export const REDUCE = 0x52;
export const STRING = 0x53;
export const BINSTRING = 0x54;
export const SHORT_BINSTRING = 0x55;
export const UNICODE = 0x56;
export const BINUNICODE = 0x58;
export const EMPTY_LIST = 0x5d;
export const APPEND = 0x61;
export const BUILD = 0x62;
export const GLOBAL = 0x63;
export const DICT = 0x64;
export const APPENDS = 0x65;
export const GET = 0x67;
export const BINGET = 0x68;
export const INST = 0x69;
export const LONG_BINGET = 0x6a;
export const LIST = 0x6c;
export const OBJ = 0x6f;
export const PUT = 0x70;
export const BINPUT = 0x71;
export const LONG_BINPUT = 0x72;
export const SETITEM = 0x73;
export const TUPLE = 0x74;
export const SETITEMS = 0x75;
export const EMPTY_DICT = 0x7d;
export const PROTO = 0x80;
export const NEWOBJ = 0x81;
export const EXT1 = 0x82;
export const EXT2 = 0x83;
export const EXT4 = 0x84;
export const TUPLE1 = 0x85;
export const TUPLE2 = 0x86;
export const TUPLE3 = 0x87;
export const NEWTRUE = 0x88;
export const NEWFALSE = 0x89;
export const LONG1 = 0x8a;
export const LONG4 = 0x8b;
export const SHORT_BINUNICODE = 0x8c;
export const BINUNICODE8 = 0x8d;
export const BINBYTES8 = 0x8e;
export const EMPTY_SET = 0x8f;
export const ADDITEMS = 0x90;
export const FROZENSET = 0x91;
export const NEWOBJ_EX = 0x92;
export const STACK_GLOBAL = 0x93;
export const MEMOIZE = 0x94;
export const FRAME = 0x95;
export const BYTEARRAY8 = 0x96;
export const NEXT_BUFFER = 0x97;
export const READONLY_BUFFER = 0x98;

/** How an opcode's argument is written. Integers and lengths are little-endian, floats big-endian. */
export type ArgumentKind =
	| "none"
	/** Unsigned (`int4`: signed) integers of so many bytes. */
	| "uint1"
	| "uint2"
	| "int4"
	| "uint4"
	| "uint8"
	| "float8"
	/** A length of so many bytes (`long4`, `string4`: signed), then an int in two's complement, or bytes, or UTF-8. */
	| "long1"
	| "long4"
	| "string1"
	| "string4"
	| "bytes1"
	| "bytes4"
	| "bytes8"
	| "bytearray8"
	| "text1"
	| "text4"
	| "text8"
	/** Text up to LF. */
	| "decimal line"
	| "long line"
	| "float line"
	| "string line"
	| "unicode line"
	| "line"
	| "two lines";

/** One row of the opcode table. */
export interface Opcode {
	readonly code: number;
	/** As pickletools spells it. */
	readonly name: string;
	readonly argument: ArgumentKind;
	/** What it takes off the stack, topmost last; `mark` and all that lies above it is `mark stackslice`. */
	readonly before: string;
	/** What it leaves there. */
	readonly after: string;
	/** The first protocol that has it. */
	readonly protocol: number;
}

function row(code: number, name: string, protocol: number, argument: ArgumentKind, before = "", after = ""): Opcode {
	return { code, name, protocol, argument, before, after };
}

/** The 68 opcodes of protocols 0 to 5, by code: the machine, the disassembler and the diagnostics go by it. */
export const opcodes: readonly Opcode[] = [
	row(MARK, "MARK", 0, "none", "", "mark"),
	row(EMPTY_TUPLE, "EMPTY_TUPLE", 1, "none", "", "tuple"),
	row(STOP, "STOP", 0, "none", "any"),
	row(POP, "POP", 0, "none", "any"),
	row(POP_MARK, "POP_MARK", 1, "none", "mark stackslice"),
	row(DUP, "DUP", 0, "none", "any", "any any"),
	row(BINBYTES, "BINBYTES", 3, "bytes4", "", "bytes"),
	row(SHORT_BINBYTES, "SHORT_BINBYTES", 3, "bytes1", "", "bytes"),
	row(FLOAT, "FLOAT", 0, "float line", "", "float"),
	row(BINFLOAT, "BINFLOAT", 1, "float8", "", "float"),
	row(INT, "INT", 0, "decimal line", "", "int_or_bool"),
	row(BININT, "BININT", 1, "int4", "", "int"),
	row(BININT1, "BININT1", 1, "uint1", "", "int"),
	row(LONG, "LONG", 0, "long line", "", "int"),
	row(BININT2, "BININT2", 1, "uint2", "", "int"),
	row(NONE, "NONE", 0, "none", "", "None"),
	row(PERSID, "PERSID", 0, "line", "", "any"),
	row(BINPERSID, "BINPERSID", 1, "none", "any", "any"),
	row(REDUCE, "REDUCE", 0, "none", "any any", "any"),
	row(STRING, "STRING", 0, "string line", "", "bytes_or_str"),
	row(BINSTRING, "BINSTRING", 1, "string4", "", "bytes_or_str"),
	row(SHORT_BINSTRING, "SHORT_BINSTRING", 1, "string1", "", "bytes_or_str"),
	row(UNICODE, "UNICODE", 0, "unicode line", "", "str"),
	row(BINUNICODE, "BINUNICODE", 1, "text4", "", "str"),
	row(EMPTY_LIST, "EMPTY_LIST", 1, "none", "", "list"),
	row(APPEND, "APPEND", 0, "none", "list any", "list"),
	row(BUILD, "BUILD", 0, "none", "any any", "any"),
	row(GLOBAL, "GLOBAL", 0, "two lines", "", "any"),
	row(DICT, "DICT", 0, "none", "mark stackslice", "dict"),
	row(APPENDS, "APPENDS", 1, "none", "list mark stackslice", "list"),
	row(GET, "GET", 0, "decimal line", "", "any"),
	row(BINGET, "BINGET", 1, "uint1", "", "any"),
	row(INST, "INST", 0, "two lines", "mark stackslice", "any"),
	row(LONG_BINGET, "LONG_BINGET", 1, "uint4", "", "any"),
	row(LIST, "LIST", 0, "none", "mark stackslice", "list"),
	row(OBJ, "OBJ", 1, "none", "mark any stackslice", "any"),
	row(PUT, "PUT", 0, "decimal line"),
	row(BINPUT, "BINPUT", 1, "uint1"),
	row(LONG_BINPUT, "LONG_BINPUT", 1, "uint4"),
	row(SETITEM, "SETITEM", 0, "none", "dict any any", "dict"),
	row(TUPLE, "TUPLE", 0, "none", "mark stackslice", "tuple"),
	row(SETITEMS, "SETITEMS", 1, "none", "dict mark stackslice", "dict"),
	row(EMPTY_DICT, "EMPTY_DICT", 1, "none", "", "dict"),
	row(PROTO, "PROTO", 2, "uint1"),
	row(NEWOBJ, "NEWOBJ", 2, "none", "any any", "any"),
	row(EXT1, "EXT1", 2, "uint1", "", "any"),
	row(EXT2, "EXT2", 2, "uint2", "", "any"),
	row(EXT4, "EXT4", 2, "int4", "", "any"),
	row(TUPLE1, "TUPLE1", 2, "none", "any", "tuple"),
	row(TUPLE2, "TUPLE2", 2, "none", "any any", "tuple"),
	row(TUPLE3, "TUPLE3", 2, "none", "any any any", "tuple"),
	row(NEWTRUE, "NEWTRUE", 2, "none", "", "bool"),
	row(NEWFALSE, "NEWFALSE", 2, "none", "", "bool"),
	row(LONG1, "LONG1", 2, "long1", "", "int"),
	row(LONG4, "LONG4", 2, "long4", "", "int"),
	row(SHORT_BINUNICODE, "SHORT_BINUNICODE", 4, "text1", "", "str"),
	row(BINUNICODE8, "BINUNICODE8", 4, "text8", "", "str"),
	row(BINBYTES8, "BINBYTES8", 4, "bytes8", "", "bytes"),
	row(EMPTY_SET, "EMPTY_SET", 4, "none", "", "set"),
	row(ADDITEMS, "ADDITEMS", 4, "none", "set mark stackslice", "set"),
	row(FROZENSET, "FROZENSET", 4, "none", "mark stackslice", "frozenset"),
	row(NEWOBJ_EX, "NEWOBJ_EX", 4, "none", "any any any", "any"),
	row(STACK_GLOBAL, "STACK_GLOBAL", 4, "none", "str str", "any"),
	row(MEMOIZE, "MEMOIZE", 4, "none", "any", "any"),
	row(FRAME, "FRAME", 4, "uint8"),
	row(BYTEARRAY8, "BYTEARRAY8", 5, "bytearray8", "", "bytearray"),
	row(NEXT_BUFFER, "NEXT_BUFFER", 5, "none", "", "buffer"),
	row(READONLY_BUFFER, "READONLY_BUFFER", 5, "none", "buffer", "buffer"),
];

const byCode: (Opcode | undefined)[] = [];
for (const opcode of opcodes) byCode[opcode.code] = opcode;

/** The row of a code, or undefined if no protocol has it. */
export function opcodeOf(code: number): Opcode | undefined {
	return byCode[code];
}
