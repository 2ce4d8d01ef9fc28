import { describe, expect, test } from "vitest";
import {
	BitGenerator,
	decode,
	type EncodeOptions,
	encode,
	isPickleError,
	type NDArray,
	PyDict,
	type PyValue,
	type RandomGenerator,
	RandomState,
	SeedSequence,
	toPlain,
} from "../../src/index.ts";
import { arrayPart, arrayState, bytesOf, Call, dtypePart, Global, type Part, pickle, tuple } from "./pickle.ts";

const ctor = (name: string) => new Global("numpy.random._pickle", name);
const words = arrayPart(arrayState([2], dtypePart("u4"), bytesOf(Uint32Array.of(7, 8))));
const dict = (entries: Record<string, Part>) => new Map<Part, Part>(Object.entries(entries));
const twister = dict({ bit_generator: "MT19937", state: dict({ key: words, pos: 2 }), has_gauss: 1, gauss: 5 });
const pcg = dict({ bit_generator: "PCG64", state: dict({ state: 2n ** 100n, inc: 3 }), has_uint32: 0, uinteger: 0 });
const seed = new Call(
	new Global("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"),
	[new Global("numpy.random.bit_generator", "SeedSequence"), 65708578, null],
	tuple(1234, 1, words, 4, tuple(1, 2)),
);
const pcgClass = new Global("numpy.random._pcg64", "PCG64");
const bits = new Call(ctor("__bit_generator_ctor"), [pcgClass], tuple(pcg, seed));

const read = (part: Part) => decode(pickle(part)) as object;

describe("RandomState", () => {
	test.each<[string, Part]>([
		[
			"up to numpy 1.16",
			new Call(new Global("numpy.random", "__RandomState_ctor"), [], tuple("MT19937", words, 2, 1, 5)),
		],
		["numpy 1.17 to 1.21", new Call(ctor("__randomstate_ctor"), ["MT19937"], twister)],
		["numpy 1.24 and 1.26", new Call(ctor("__randomstate_ctor"), ["MT19937", ctor("__bit_generator_ctor")], twister)],
		[
			"numpy 2",
			new Call(
				ctor("__randomstate_ctor"),
				[
					new Call(
						ctor("__bit_generator_ctor"),
						[new Global("numpy.random._mt19937", "MT19937")],
						tuple(twister, seed),
					),
				],
				twister,
			),
		],
	])("as %s writes it", (_, part) => {
		for (const options of [{}, { numpy: 1 }, { numpy: 2 }] satisfies EncodeOptions[]) {
			const state = decode(encode(read(part), options)) as RandomState;
			expect(state).toBeInstanceOf(RandomState);
			const { key, pos } = toPlain(state.state.get("state") as PyValue) as Record<string, unknown>;
			expect([
				state.state.get("bit_generator"),
				key,
				pos,
				state.state.get("has_gauss"),
				state.state.get("gauss"),
			]).toEqual(["MT19937", [7, 8], 2, 1, 5]);
		}
	});

	test("is written so that every numpy reads it, unless that loses something", () => {
		const old = read(new Call(ctor("__randomstate_ctor"), ["MT19937"], twister));
		expect(Buffer.from(encode(old)).includes("__RandomState_ctor")).toBe(true);
		const philox = new RandomState(new PyDict([["bit_generator", "Philox"]]));
		expect(Buffer.from(encode(philox)).includes("__randomstate_ctor")).toBe(true);
	});

	test("another state is refused", () => {
		expect(() => read(new Call(ctor("__randomstate_ctor"), ["MT19937"], 5))).toThrow("state of a RandomState");
	});
});

describe("Generator and bit generators", () => {
	test.each<[string, Part]>([
		["numpy 1.17 to 1.21", new Call(ctor("__generator_ctor"), ["PCG64"], pcg)],
		["numpy 1.24 and 1.26", new Call(ctor("__generator_ctor"), ["PCG64", ctor("__bit_generator_ctor")], pcg)],
		["numpy 2", new Call(ctor("__generator_ctor"), [bits])],
	])("as %s writes them", (_, part) => {
		for (const options of [{}, { numpy: 1 }, { numpy: 2 }] satisfies EncodeOptions[]) {
			const { bitGenerator } = decode(encode(read(part), options)) as RandomGenerator;
			expect(bitGenerator).toBeInstanceOf(BitGenerator);
			expect([bitGenerator.name, (bitGenerator.state.get("state") as PyDict).get("state")]).toEqual([
				"PCG64",
				2n ** 100n,
			]);
		}
	});

	test("numpy 2's keep their seed sequence, unless numpy 1 is to read them", () => {
		const found = read(bits) as BitGenerator;
		expect([String(found.type), (found.seedSequence as SeedSequence).entropy]).toEqual([
			"numpy.random._pcg64.PCG64",
			1234,
		]);
		const again = (options: EncodeOptions) => (decode(encode(found, options)) as BitGenerator).seedSequence;
		expect([again({}), again({ numpy: 2 })].every((value) => value instanceof SeedSequence)).toBe(true);
		expect(again({ numpy: 1 })).toBeUndefined();
	});

	test("a class that is not numpy's is kept", () => {
		const own = new Call(ctor("__bit_generator_ctor"), [new Global("mine", "Bits")], pcg);
		const again = decode(encode(read(own), { numpy: 1 })) as BitGenerator;
		expect([again.name, String(again.type)]).toEqual(["Bits", "mine.Bits"]);
	});

	test.each<[string, Part]>([
		["class or the class's name", new Call(ctor("__bit_generator_ctor"), [5])],
		["bit generator is a dict", new Call(ctor("__bit_generator_ctor"), ["PCG64"], 5)],
		["Generator is given", new Call(ctor("__generator_ctor"), [5])],
		["Generator is a dict", new Call(ctor("__generator_ctor"), ["PCG64"], 5)],
	])("refused: %s", (reason, part) => {
		expect(() => read(part)).toThrow(
			expect.toSatisfy((error) => isPickleError(error, "E_REDUCER") && error.message.includes(reason)),
		);
	});
});

test("a SeedSequence has its fields, and goes back as numpy 1.17 to 2 read it", () => {
	const found = read(seed) as SeedSequence;
	const parts = ({ entropy, spawnKey, poolSize, childrenSpawned, pool }: SeedSequence) => [
		entropy,
		spawnKey,
		poolSize,
		childrenSpawned,
		(pool as NDArray).toNested(),
	];
	expect(parts(found)).toEqual([1234, [1, 2], 4, 1, [7, 8]]);
	expect(parts(decode(encode(found)) as SeedSequence)).toEqual(parts(found));
	expect(toPlain(found)).toEqual({ entropy: 1234, spawnKey: [1, 2], poolSize: 4, childrenSpawned: 1, pool: [7, 8] });
	expect(() => read(new Call(seed.callable, seed.args, tuple(1)))).toThrow("tuple of five");
});
