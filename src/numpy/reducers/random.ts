import { positional, refuse } from "../../reducers/arguments.ts";
import type { EncodeContext, Reducer, Reduction } from "../../reducers/reducer.ts";
import { PyDict } from "../../values/dict.ts";
import { PyGlobal } from "../../values/objects.ts";
import type { PyValue } from "../../values/value.ts";
import type { Mutable } from "../dtype.ts";
import { BitGenerator, entryOf, generatorName, RandomGenerator, RandomState, SeedSequence } from "../random.ts";

/** The parts of a RandomState's state as numpy up to 1.16 writes it. */
const TUPLE_NAMES = ["bit_generator", "key", "pos", "has_gauss", "gauss"] as const;

/** `__randomstate_ctor(bit generator, ...)`, up to 1.16 `__RandomState_ctor()`, and its state. */
export const randomState: Reducer<RandomState> = {
	name: "numpy.random._pickle.__randomstate_ctor",
	aliases: ["numpy.random.__RandomState_ctor", "numpy.random.mtrand.__RandomState_ctor"],
	create(call) {
		const [given] = positional(call, "a RandomState", 0, 2);
		return new RandomState(new PyDict(), given instanceof BitGenerator ? given : undefined);
	},
	setState(object, state) {
		(object as Mutable<RandomState>).state = state instanceof PyDict ? state : ofTuple(state);
	},
	types: [RandomState],
	reduce: reduceRandomState,
};

function ofTuple(state: PyValue): PyDict {
	if (!Array.isArray(state) || state.length < 3 || state.length > TUPLE_NAMES.length)
		throw refuse("the state of a RandomState is a dict, or its name, key, position and Gaussian in a tuple");
	const [name, key, pos, hasGauss = 0, gauss = 0] = state as PyValue[] as [PyValue, PyValue, PyValue];
	return new PyDict([
		["bit_generator", name],
		[
			"state",
			new PyDict([
				["key", key],
				["pos", pos],
			]),
		],
		["has_gauss", hasGauss],
		["gauss", gauss],
	]);
}

function reduceRandomState({ state, bitGenerator }: RandomState, context: EncodeContext): Reduction {
	const inner = entryOf(state, "state");
	const name = generatorName(state) ?? null;
	const isTwister = textOf(name) === "MT19937" && inner instanceof PyDict;
	// A RandomState never asks for its seed sequence; by default that of the usual one is not worth a form that numpy 1 refuses.
	if (bitGenerator?.seedSequence !== undefined && (context.numpy === 2 || (context.numpy !== 1 && !isTwister)))
		return { callable: pickleGlobal(context, "__randomstate_ctor"), args: [bitGenerator], state };
	if (!isTwister) return { callable: pickleGlobal(context, "__randomstate_ctor"), args: [name], state };
	const parts = [entryOf(inner, "key"), entryOf(inner, "pos"), entryOf(state, "has_gauss"), entryOf(state, "gauss")];
	const callable = context.global("numpy.random", "__RandomState_ctor");
	return { callable, args: [], state: context.tuple(context.text("MT19937"), ...parts.map((part) => part ?? 0)) };
}

function textOf(name: PyValue): string | undefined {
	return name instanceof Uint8Array ? new TextDecoder().decode(name) : typeof name === "string" ? name : undefined;
}

function pickleGlobal(context: EncodeContext, name: string): PyGlobal {
	return context.global("numpy.random._pickle", name);
}

/** `__bit_generator_ctor(class or name)`, and its state, since numpy 2.0 in a pair with the seed sequence. */
export const bitGenerator: Reducer<BitGenerator> = {
	name: "numpy.random._pickle.__bit_generator_ctor",
	create(call) {
		const [given = "MT19937"] = positional(call, "a bit generator", 0, 1);
		if (given instanceof PyGlobal) return new BitGenerator(given.name, new PyDict(), undefined, given);
		const name = textOf(given);
		if (name === undefined) throw refuse("a bit generator is given by its class or the class's name");
		return new BitGenerator(name, new PyDict());
	},
	setState(object, given) {
		const target = object as Mutable<BitGenerator>;
		const [state, seedSequence] = Array.isArray(given) ? given : [given];
		if (!(state instanceof PyDict))
			throw refuse("the state of a bit generator is a dict, or a pair of it and a seed sequence");
		target.state = state;
		if (seedSequence !== undefined) target.seedSequence = seedSequence;
	},
	types: [BitGenerator],
	reduce(object, context) {
		const { name, state, seedSequence, type } = object;
		const callable = pickleGlobal(context, "__bit_generator_ctor");
		if (context.numpy === 1 || type === undefined || seedSequence === undefined)
			return { callable, args: [isNumpys(type) ? name : type], state };
		return { callable, args: [type], state: context.tuple(state, seedSequence) };
	},
};

/** Whether numpy finds a bit generator by its name alone. */
function isNumpys(type: PyGlobal | undefined): type is undefined {
	return type === undefined || type.module.startsWith("numpy.random.");
}

/** `__generator_ctor(bit generator)`, up to 1.26 with its name and the state of the bit generator. */
export const generator: Reducer<RandomGenerator> = {
	name: "numpy.random._pickle.__generator_ctor",
	create(call) {
		const [given = "MT19937"] = positional(call, "a Generator", 0, 2);
		if (given instanceof BitGenerator) return new RandomGenerator(given);
		const name = textOf(given);
		if (name === undefined) throw refuse("a Generator is given a bit generator or its name");
		return new RandomGenerator(new BitGenerator(name, new PyDict()));
	},
	setState(object, state) {
		if (state === null) return;
		if (!(state instanceof PyDict)) throw refuse("the state of a Generator is a dict");
		(object.bitGenerator as Mutable<BitGenerator>).state = state;
	},
	types: [RandomGenerator],
	reduce({ bitGenerator: own }, context) {
		const callable = pickleGlobal(context, "__generator_ctor");
		if (!isNumpys(own.type) || (own.seedSequence !== undefined && context.numpy !== 1))
			return { callable, args: [own] };
		return { callable, args: [own.name], state: own.state };
	},
};

/** What Cython makes of the fields' names; numpy 1.17 to 2.x all take this one. */
const CHECKSUM = 0xf88304a;

/** Cython's `__pyx_unpickle_SeedSequence(class, checksum, state)`, the fields by the alphabet. */
export const seedSequence: Reducer<SeedSequence> = {
	name: "numpy.random.bit_generator.__pyx_unpickle_SeedSequence",
	aliases: ["numpy.random._bit_generator.__pyx_unpickle_SeedSequence"],
	create(call) {
		const [, , state = null] = positional(call, "a SeedSequence", 3, 3);
		const object = new SeedSequence(null, Object.freeze([]), 4, 0, null);
		if (state !== null) setSeed(object, state);
		return object;
	},
	setState: setSeed,
	types: [SeedSequence],
	reduce({ entropy, spawnKey, poolSize, childrenSpawned, pool }, context) {
		const module = "numpy.random.bit_generator";
		return {
			callable: context.global(module, "__pyx_unpickle_SeedSequence"),
			args: [context.global(module, "SeedSequence"), CHECKSUM, null],
			state: context.tuple(entropy, childrenSpawned, pool, poolSize, spawnKey),
		};
	},
};

function setSeed(object: SeedSequence, state: PyValue): void {
	if (!Array.isArray(state) || state.length < 5) throw refuse("the state of a SeedSequence is a tuple of five");
	const target = object as Mutable<SeedSequence>;
	const [entropy, spawned, pool, poolSize, spawnKey] = state as [PyValue, PyValue, PyValue, PyValue, PyValue];
	target.entropy = entropy;
	target.childrenSpawned = spawned;
	target.pool = pool;
	target.poolSize = poolSize;
	target.spawnKey = spawnKey;
}
