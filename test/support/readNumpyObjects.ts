import { bytesOf, itemsOf, pairsOf, sha256, type Tag, textOf } from "./tags.ts";

/** The described object that a reference means. */
type Target = (tag: Tag) => Tag;

/** A masked array: `_mareconstruct(class, ...)` and a state of version, shape, dtype, order, data, mask and fill value. */
export function readMasked(inert: Tag, expected: Tag, target: Target): Tag | undefined {
	if (inert.state === undefined) return undefined;
	const [, shape, dtype, fortran, data, mask, fill] = itemsOf(target(inert.state)).map(target) as [
		Tag,
		Tag,
		Tag,
		Tag,
		Tag,
		Tag,
		Tag,
	];
	const lengths = itemsOf(shape).map(({ v }) => Number(v));
	const isFortran = fortran.v === true || fortran.v === "1";
	const maskType = (expected["mask"] as Tag)["dtype"] as Tag | string;
	const { module, name } = target(itemsOf(inert.args as Tag)[0] as Tag);
	return {
		t: "masked",
		class: `${module}.${name}`,
		data: arrayOf(
			lengths,
			dtype["fields"] ? dtype : (dtype["str"] as string),
			isFortran,
			data,
			Number(dtype["itemsize"]),
		),
		mask: arrayOf(lengths, maskType, isFortran, mask, typeof maskType === "string" ? 1 : Number(maskType["itemsize"])),
		...(fill.t !== "none" && { fill }),
	};
}

function arrayOf(shape: readonly number[], dtype: Tag | string, isFortran: boolean, data: Tag, itemsize: number): Tag {
	const reversed = isFortran && shape.filter((length) => length !== 1).length > 1;
	const tag: Tag = { t: "ndarray", dtype, shape, order: reversed ? "F" : "C" };
	if (data.t === "list") return { ...tag, values: itemsOf(data) };
	const size = shape.reduce((product, length) => product * length, 1);
	const bytes = bytesOf(data, size * itemsize);
	return { ...tag, sha256: sha256(reversed ? inCOrder(bytes, shape, itemsize) : bytes) };
}

/** Fortran-ordered items in C order. */
function inCOrder(bytes: Uint8Array, shape: readonly number[], itemsize: number): Uint8Array {
	const ordered = new Uint8Array(bytes.length);
	for (let flat = 0; flat * itemsize < bytes.length; flat++) {
		let rest = flat;
		let from = 0;
		let stride = bytes.length / itemsize;
		for (const length of shape.toReversed()) {
			stride /= length;
			from += (rest % length) * stride;
			rest = Math.floor(rest / length);
		}
		ordered.set(bytes.subarray(from * itemsize, (from + 1) * itemsize), flat * itemsize);
	}
	return ordered;
}

/** A RandomState's state: a dict since numpy 1.17, `(name, key, pos, has_gauss, gauss)` before. */
export function readRandomState(inert: Tag, target: Target): Tag | undefined {
	if (inert.state === undefined) return undefined;
	const state = target(inert.state);
	const numbers = ({ v }: Tag) => Number(v);
	if (state.t !== "dict") {
		const [name, key, pos, hasGauss, gauss] = itemsOf(state) as [Tag, Tag, Tag, Tag, Tag];
		return {
			t: "RandomState",
			bit_generator: textOf(name),
			key,
			pos: numbers(pos),
			has_gauss: numbers(hasGauss),
			gauss,
		};
	}
	const { bit_generator, state: inner, has_gauss, gauss } = byName(state) as Record<string, Tag>;
	const { key, pos } = byName(target(inner as Tag));
	return {
		t: "RandomState",
		bit_generator: textOf(bit_generator as Tag),
		state,
		key,
		pos: pos && numbers(pos),
		has_gauss: numbers(has_gauss as Tag),
		gauss,
	};
}

/** A generator of `__generator_ctor`: since numpy 1.25 it is given its bit generator, before the name and its state. */
export function readGenerator(inert: Tag, target: Target): Tag | undefined {
	const given = target(itemsOf(inert.args as Tag)[0] as Tag);
	return { t: "Generator", bit_generator: given.t === "inert" ? given : readBitGenerator(inert, target) };
}

/** A bit generator of `__bit_generator_ctor`, by its class or the class's name; its state is first of two since numpy 1.25. */
export function readBitGenerator(inert: Tag, target: Target): Tag | undefined {
	const given = target(itemsOf(inert.args as Tag)[0] as Tag);
	const state = inert.state && target(inert.state);
	return {
		t: "BitGenerator",
		name: given.t === "global" ? (given.name as string) : textOf(given),
		state: state?.t === "tuple" ? itemsOf(state)[0] : state,
	} as Tag;
}

/** A seed sequence of Cython's `__pyx_unpickle_SeedSequence`, its fields by the alphabet. */
export function readSeedSequence(inert: Tag, target: Target): Tag | undefined {
	const [entropy, spawned, , poolSize, spawnKey] = itemsOf(target(inert.state as Tag)) as [Tag, Tag, Tag, Tag, Tag];
	const key = (v: string): Tag => ({ t: "str", v });
	return {
		t: "SeedSequence",
		state: {
			t: "dict",
			items: [
				[key("entropy"), entropy],
				[key("spawn_key"), spawnKey],
				[key("pool_size"), poolSize],
				[key("n_children_spawned"), spawned],
			],
		},
	};
}

/** A polynomial by its attributes, whose names changed with numpy 1.16. */
export function readPoly1d(inert: Tag, target: Target): Tag | undefined {
	const { coeffs, variable, _variable = variable } = byName(target(inert.state as Tag));
	return { t: "poly1d", coeffs, variable: _variable && textOf(_variable) };
}

function byName(dict: Tag): Record<string, Tag | undefined> {
	return Object.fromEntries(pairsOf(dict).map(([key, value]) => [textOf(key), value]));
}
