import { afterAll, describe, expect, it } from "vitest";
import { DType, decode, type EncodeOptions, encode, NDArray } from "../../src/index.ts";
import { packedBytes, typedMemory } from "../../src/numpy/memory.ts";
import { cStrides, fStrides, product } from "../../src/numpy/shapes.ts";
import { type Python, pythons, runScript } from "./pythons.ts";

type Protocol = 0 | 1 | 2 | 3 | 4 | 5;
const protocols = [0, 1, 2, 3, 4, 5] as const;

/** A pickle that Python wrote. */
interface Written {
	readonly name: string;
	readonly protocol: Protocol;
	readonly data: string;
	readonly buffers?: readonly string[];
}

/** What numpy says of an array. */
interface Seen {
	readonly type?: string;
	readonly dtype?: string;
	readonly shape?: readonly number[];
	/** The items in C order, in the machine's byte order. */
	readonly hex?: string;
	readonly C?: boolean;
	readonly F?: boolean;
	readonly writeable?: boolean;
	readonly error?: string;
}

function versions({ version, packages }: Python): { readonly python: number; readonly numpy: number } {
	const [major, minor] = version.split(".").map(Number) as [number, number];
	const [generation, release] = (packages["numpy"] as string).split(".").map(Number) as [number, number];
	return { python: major * 100 + minor, numpy: generation * 100 + release };
}

const withNumpy = pythons().filter(({ packages }) => packages["numpy"] !== undefined);

function toBase64(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("base64");
}

const rows: Record<string, Record<string, number>> = {};

function count(python: Python, column: string, pickles: number): void {
	const row = `${python.name} (Python ${python.version}, numpy ${python.packages["numpy"]})`;
	rows[row] = { ...rows[row], [column]: pickles };
}

afterAll(() => {
	if (withNumpy.length > 0) console.table(rows);
});

describe("what numpy wrote, decoded and encoded, is the same bytes", () => {
	const writers = withNumpy.filter((python) => versions(python).python >= 308 && versions(python).numpy >= 120);

	/** Encodes again; with buffers, what goes out of band is a part of it. */
	function again({ protocol, data, buffers }: Written, numpy: 1 | 2): readonly string[] {
		const outside: string[] = [];
		const bytes = Buffer.from(data, "base64");
		const options = { protocol, numpy, shareStrings: "all" } as const;
		if (buffers === undefined) return [toBase64(encode(decode(bytes, { floats: "exact" }), options))];
		const memory = buffers.map((text) => new Uint8Array(Buffer.from(text, "base64")));
		const onBuffer = (buffer: Uint8Array) => void outside.push(toBase64(buffer));
		const value = decode(bytes, { floats: "exact", buffers: memory });
		return [toBase64(encode(value, { ...options, onBuffer })), ...outside];
	}

	it.each(writers)("$name, numpy $packages.numpy", { timeout: 60_000 }, async (python) => {
		const written = (await runScript(python, "arrays.py", { do: "dumps" })) as Written[];
		expect(written.length).toBeGreaterThan(6000);
		const generation = versions(python).numpy >= 200 ? 2 : 1;
		const different = written.filter((pickle) => {
			const found = again(pickle, generation);
			return [pickle.data, ...(pickle.buffers ?? [])].some((part, i) => part !== found[i]);
		});
		expect(different).toEqual([]);
		count(python, "same bytes", written.length);
	});
});

describe("arrays made in JavaScript", () => {
	const typed: readonly (readonly [string, ArrayBufferView])[] = [
		["|i1", Int8Array.of(-1, 2)],
		["<i2", Int16Array.of(-300, 2)],
		["<u2", Uint16Array.of(65535, 2)],
		["<i4", Int32Array.of(-70000, 2)],
		["<u4", Uint32Array.of(4294967295, 2)],
		["<i8", BigInt64Array.of(-(2n ** 63n), 2n)],
		["<u8", BigUint64Array.of(2n ** 64n - 1n, 2n)],
		["<f4", Float32Array.of(1.5, Number.NaN)],
		["<f8", Float64Array.of(-0, 1e300)],
		["<f8", new Float64Array(0)],
		["<f8", new Float64Array(70_000)],
		["<f8", new Float64Array(10).subarray(3, 7)],
	];
	const dtypes = (
		"|b1 |i1 |u1 <i2 >i2 <u2 >u2 <i4 >i4 <u4 >u4 <i8 >i8 <u8 >u8 <f2 >f2 <f4 >f4 <f8 >f8 <c8 >c8 <c16 >c16 " +
		"<f16 <c32 |S3 <U2 >U2 |V5"
	).split(" ");
	const times = ["<M8[ns]", "<M8[25s]", "<m8[D]"];

	/** Arrays of a dtype: without axes, without items, in C and Fortran order, with gaps, reversed. */
	function layouts(text: string): NDArray[] {
		const dtype = DType.of(text);
		const make = (shape: readonly number[], strides = cStrides(shape)) => {
			const bytes = new Uint8Array(product(shape) * dtype.itemsize);
			const most = dtype.kind === "b" ? 2 : 120;
			for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 7) % most;
			// Characters beyond Unicode are none.
			if (dtype.kind === "U") for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0 && i % 4 !== 1) bytes[i] = 0;
			return new NDArray(
				typedMemory(bytes, dtype, () => {}),
				dtype,
				shape,
				strides,
			);
		};
		const cube = make([2, 3, 4]);
		return [
			make([]),
			make([0]),
			make([3, 0]),
			make([5]),
			make([2, 3]),
			make([2, 3], fStrides([2, 3])),
			cube.transpose(1, 0, 2),
			cube.slice(null, [0, null, 2]),
			cube.slice([null, null, -1]),
		];
	}

	function expected(array: NDArray): Seen {
		const { dtype, shape } = array;
		const bytes = Buffer.from(packedBytes(array.toContiguous("C").data as Uint8Array, dtype) as Uint8Array).toString(
			"hex",
		);
		const width = { U: 4, c: dtype.itemsize / 2 }[dtype.kind as string] ?? dtype.itemsize;
		const swapped = bytes.replaceAll(new RegExp(`.{${width * 2}}`, "g"), (number) =>
			Buffer.from(number, "hex").reverse().toString("hex"),
		);
		const hex = dtype.byteOrder === ">" ? swapped : bytes;
		const seen = { type: "ndarray", dtype: dtype.str.replace(">", "<"), shape, hex };
		const { order, size } = array;
		return shape.length === 2 && size > 0 && order !== "strided"
			? { ...seen, C: order === "C", F: order === "F" }
			: seen;
	}

	/** The values, and what numpy is to see of them. */
	function cases(withTimes: boolean): { readonly value: unknown; readonly seen: Seen }[] {
		const arrays = [...dtypes, ...(withTimes ? times : [])].flatMap(layouts);
		return [
			...typed.map(([dtype, value]) => {
				const hex = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
				const { length } = value as Float64Array;
				return { value, seen: { type: "ndarray", dtype, shape: [length], hex } };
			}),
			...arrays.map((value) => ({ value, seen: expected(value) })),
		];
	}

	/** What reads what: numpy 1.6 with `python: 2`, all later ones by default, numpy 2 with `numpy: 2`. */
	function choices(python: Python): EncodeOptions[] {
		const { python: version, numpy } = versions(python);
		return [
			...(version < 300 ? [{ python: 2 } as const] : []),
			...(numpy >= 109 ? [{}] : []),
			...(numpy >= 200 ? [{ numpy: 2 } as const] : []),
			...(numpy >= 120 && numpy < 200 ? [{ numpy: 1 } as const] : []),
		];
	}

	const pairs = withNumpy.flatMap((python) =>
		choices(python).map((options) => ({
			python,
			options,
			title: `${python.name}, numpy ${python.packages["numpy"]}, ${JSON.stringify(options)}`,
		})),
	);

	it.each(pairs)("load in $title", { timeout: 60_000 }, async ({ python, options }) => {
		const { python: version, numpy } = versions(python);
		const highest = version < 300 ? 2 : version < 308 ? 4 : 5;
		const pickles: { readonly data: string; readonly buffers?: readonly string[] }[] = [];
		const wanted: Seen[] = [];
		for (const { value, seen } of cases(numpy >= 107)) {
			for (const protocol of protocols.filter((one) => one <= highest)) {
				pickles.push({ data: toBase64(encode(value, { ...options, protocol })) });
				wanted.push({ ...seen, writeable: true });
				if (protocol < 5) continue;
				const buffers: string[] = [];
				const onBuffer = (buffer: Uint8Array) => void buffers.push(toBase64(buffer));
				pickles.push({ data: toBase64(encode(value, { ...options, protocol, onBuffer })), buffers });
				// bytes that Python is given as a buffer are read-only.
				wanted.push({ ...seen, writeable: buffers.length === 0 });
			}
		}
		const found = (await runScript(python, "arrays.py", { do: "loads", pickles })) as Seen[];
		const different = wanted.flatMap((one, i) => {
			const all = found[i] as Seen;
			const seen = Object.fromEntries(Object.keys(one).map((name) => [name, all[name as keyof Seen]]));
			return JSON.stringify(seen) === JSON.stringify(one) ? [] : [{ found: all, wanted: one }];
		});
		expect(found).toHaveLength(wanted.length);
		expect(different.slice(0, 5)).toEqual([]);
		count(python, `loads ${JSON.stringify(options)}`, found.length);
	});
});
