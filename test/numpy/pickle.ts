/** What tests put together to one pickle: Map is a dict, a frozen array a tuple, Uint8Array bytes, numbers are ints. */
export type Part =
	| null
	| boolean
	| number
	| bigint
	| string
	| Uint8Array
	| readonly Part[]
	| Map<Part, Part>
	| Global
	| Call
	| Shared
	| Raw;

/** A class or function. */
export class Global {
	readonly module: string;
	readonly name: string;

	constructor(module: string, name: string) {
		this.module = module;
		this.name = name;
	}
}

/** A REDUCE, and BUILD if there is a state. */
export class Call {
	readonly callable: Global | Call;
	readonly args: readonly Part[];
	readonly state: Part | undefined;

	constructor(callable: Global | Call, args: readonly Part[], state?: Part) {
		this.callable = callable;
		this.args = args;
		this.state = state;
	}
}

/** A part that is written once and then taken from the memo, also inside itself. */
export class Shared {
	part: Part;

	constructor(part: Part) {
		this.part = part;
	}
}

/** Opcodes as they are. */
export class Raw {
	readonly bytes: readonly number[];

	constructor(...bytes: readonly number[]) {
		this.bytes = bytes;
	}
}

/** The pickle of a part, protocol 4. */
export function pickle(part: Part): Uint8Array {
	const memo = new Map<Shared, number>();
	return Uint8Array.from([0x80, 4, ...write(part, memo), 0x2e]);
}

function write(part: Part, memo: Map<Shared, number>): number[] {
	const all = (parts: readonly Part[]) => parts.flatMap((item) => write(item, memo));
	if (part === null) return [0x4e];
	if (typeof part === "boolean") return [part ? 0x88 : 0x89];
	if (typeof part === "number" || typeof part === "bigint") return [...`I${part}\n`].map((char) => char.charCodeAt(0));
	if (typeof part === "string") return sized(0x58, new TextEncoder().encode(part));
	if (part instanceof Uint8Array) return sized(0x42, part);
	if (part instanceof Raw) return [...part.bytes];
	if (part instanceof Global) return [...all([part.module, part.name]), 0x93];
	if (part instanceof Map) return [0x7d, 0x28, ...all([...part].flat()), 0x75];
	if (part instanceof Shared) return writeShared(part, memo);
	if (part instanceof Call) {
		const made = [...write(part.callable, memo), ...write(Object.freeze([...part.args]), memo), 0x52];
		return part.state === undefined ? made : [...made, ...write(part.state, memo), 0x62];
	}
	return Object.isFrozen(part)
		? [0x28, ...all(part as readonly Part[]), 0x74]
		: [0x5d, 0x28, ...all(part as readonly Part[]), 0x65];
}

function writeShared(shared: Shared, memo: Map<Shared, number>): number[] {
	const known = memo.get(shared);
	if (known !== undefined) return [0x68, known];
	const place = memo.size;
	memo.set(shared, place);
	const { part } = shared;
	if (!(part instanceof Call) || part.state === undefined) return [...write(part, memo), 0x71, place];
	const made = write(new Call(part.callable, part.args), memo);
	return [...made, 0x71, place, ...write(part.state, memo), 0x62];
}

function sized(opcode: number, bytes: Uint8Array): number[] {
	const { length } = bytes;
	return [opcode, length & 255, (length >> 8) & 255, (length >> 16) & 255, 0, ...bytes];
}

/** A tuple. */
export function tuple(...items: readonly Part[]): readonly Part[] {
	return Object.freeze(items);
}

/** `numpy.dtype(descr)` with the state that numpy gives it. */
export function dtypePart(descr: Part, order = "<", overrides: { [index: number]: Part } = {}): Call {
	const state: Part[] = [3, order, null, null, null, -1, -1, 0];
	for (const [index, value] of Object.entries(overrides)) state[Number(index)] = value;
	return new Call(new Global("numpy", "dtype"), [descr, false, true], Object.freeze(state));
}

/** An array as `_reconstruct` makes it; without a state only if it is undefined. */
export function arrayPart(state: Part | undefined, type = new Global("numpy", "ndarray")): Call {
	const reconstruct = new Global("numpy.core.multiarray", "_reconstruct");
	return new Call(reconstruct, [type, tuple(0), Uint8Array.of(98)], state);
}

/** The state of an array. */
export function arrayState(shape: readonly Part[], dtype: Part, data: Part, fortran: Part = false): Part {
	return tuple(1, tuple(...shape), dtype, fortran, data);
}

/** Memory of a typed array as bytes. */
export function bytesOf(...views: readonly ArrayBufferView[]): Uint8Array {
	const bytes: number[] = [];
	for (const view of views) bytes.push(...new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
	return Uint8Array.from(bytes);
}
