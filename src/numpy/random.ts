import type { PyDict } from "../values/dict.ts";
import type { PyGlobal } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";

/** A generator of random bits, such as numpy.random.PCG64. */
export class BitGenerator {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static get name(): string {
		return "BitGenerator";
	}

	/** `PCG64`, `MT19937`, `Philox`, `SFC64`, `PCG64DXSM`. */
	readonly name: string;
	/** As numpy's attribute `state`: a dict of the generator's name and numbers. */
	readonly state: PyDict;
	/** What it was seeded with, which only numpy 2 writes: a SeedSequence, or undefined. */
	readonly seedSequence: PyValue | undefined;
	/** The class, if the pickle names one rather than only its name. */
	readonly type: PyGlobal | undefined;

	constructor(name: string, state: PyDict, seedSequence?: PyValue, type?: PyGlobal) {
		this.name = name;
		this.state = state;
		this.seedSequence = seedSequence;
		this.type = type;
	}
}

/** numpy.random.Generator. */
export class RandomGenerator {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static get name(): string {
		return "RandomGenerator";
	}

	readonly bitGenerator: BitGenerator;

	constructor(bitGenerator: BitGenerator) {
		this.bitGenerator = bitGenerator;
	}
}

/** numpy.random.RandomState. */
export class RandomState {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static get name(): string {
		return "RandomState";
	}

	/** As numpy's `get_state(legacy=False)`: a dict of `bit_generator`, `state`, `has_gauss`, `gauss`. */
	readonly state: PyDict;
	/** The bit generator as numpy 2 writes it beside the state; undefined in older files. */
	readonly bitGenerator: BitGenerator | undefined;

	constructor(state: PyDict, bitGenerator?: BitGenerator) {
		this.state = state;
		this.bitGenerator = bitGenerator;
	}
}

/** numpy.random.SeedSequence. */
export class SeedSequence {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static get name(): string {
		return "SeedSequence";
	}

	/** An int, a sequence of them, or null. */
	readonly entropy: PyValue;
	readonly spawnKey: PyValue;
	/** How many 32-bit words the pool has. */
	readonly poolSize: PyValue;
	readonly childrenSpawned: PyValue;
	/** The pool's words: an NDArray of uint32. */
	readonly pool: PyValue;

	constructor(entropy: PyValue, spawnKey: PyValue, poolSize: PyValue, childrenSpawned: PyValue, pool: PyValue) {
		this.entropy = entropy;
		this.spawnKey = spawnKey;
		this.poolSize = poolSize;
		this.childrenSpawned = childrenSpawned;
		this.pool = pool;
	}
}

/** An entry of a dict whose keys may be text or, by `encoding: "bytes"`, bytes. */
export function entryOf(dict: PyDict, name: string): PyValue | undefined {
	return dict.get(name) ?? dict.get(new TextEncoder().encode(name));
}

/** The name of the bit generator that a state is of; undefined if it says none. */
export function generatorName(state: PyDict): PyValue | undefined {
	return entryOf(state, "bit_generator");
}
