import { describe, expect, test } from "vitest";
import { pythons } from "../oracles/pythons.ts";
import { inNode, inPython, withFile } from "./child.ts";

const all = pythons();
const numpy = all.find(({ version, packages }) => version.startsWith("3.1") && packages["numpy"]?.startsWith("2"));
const python2 = all.find(({ version, packages }) => version.startsWith("2") && packages["numpy"] !== undefined);
const text = (value: unknown) => JSON.stringify(value);

describe.runIf(numpy)("the array of shape (100000, 200, 50), 8,000,000,000 bytes", () => {
	const python = numpy?.python as string;

	test("Python's is read, at 1.05 times its size", () => {
		withFile("python.pkl", (path) => {
			inPython(
				python,
				`import numpy, pickle
with open(${text(path)}, "wb") as file: pickle.dump(numpy.arange(10**9, dtype="f8").reshape(100000, 200, 50), file, 4)`,
			);
			const { peak, ...read } = inNode(`
const array = await picklet.readPickle(${text(path)});
let wrong = 0;
for (let i = 0; i < array.data.length; i++) if (array.data[i] !== i) wrong++;
return { shape: array.shape, type: array.data.constructor.name, wrong };`);
			expect(read).toEqual({ shape: [100_000, 200, 50], type: "Float64Array", wrong: 0 });
			expect(Number(peak)).toBeLessThan(8e9 * 1.05);
			const opened = inNode(`
const file = await picklet.openPickle(${text(path)});
const rows = await file.value.readRows(99_999, 100_000);
await file.close();
return { first: rows.get(0, 0, 0), last: rows.get(0, -1, -1) };`);
			expect(opened).toMatchObject({ first: 999_990_000, last: 999_999_999 });
			expect(Number(opened["peak"])).toBeLessThan(2e8);
		});
	});

	test("one written here loads in Python, at 1.05 times its size", () => {
		withFile("node.pkl", (path) => {
			const { peak } = inNode(`
const data = new Float64Array(1e9);
for (let i = 0; i < data.length; i++) data[i] = i;
await picklet.writePickle(${text(path)}, new picklet.NDArray(data, picklet.DType.of("<f8"), [100_000, 200, 50]));`);
			expect(Number(peak)).toBeLessThan(8e9 * 1.05);
			const found = inPython(
				python,
				`import numpy, pickle
with open(${text(path)}, "rb") as file: array = pickle.load(file)
flat = array.ravel()
print(array.shape, array.dtype, all((flat[i:i+10**7] == numpy.arange(i, i + 10**7)).all() for i in range(0, 10**9, 10**7)))`,
			);
			expect(found).toBe("(100000, 200, 50) float64 True");
		});
	});

	test("a copy of one that is opened takes next to no memory", () => {
		withFile("in.pkl", (from) => {
			withFile("out.pkl", (to) => {
				inPython(
					python,
					`import numpy, pickle
with open(${text(from)}, "wb") as file: pickle.dump(numpy.arange(3 * 10**8, dtype="f8"), file, 4)`,
				);
				const { peak } = inNode(`
const file = await picklet.openPickle(${text(from)});
await picklet.writePickle(${text(to)}, { copy: file.value }, { protocol: 5 });
await file.close();`);
				expect(Number(peak)).toBeLessThan(3e8);
				const found = inPython(
					python,
					`import numpy, pickle
with open(${text(to)}, "rb") as file: print((pickle.load(file)["copy"] == numpy.arange(3 * 10**8)).all())`,
				);
				expect(found).toBe("True");
			});
		});
	});
});

test.runIf(python2)("Python 2.7 reads 2,400,000,000 bytes that overflow: split wrote", () => {
	withFile("split.pkl", (path) => {
		inNode(`
const data = new Float64Array(3e8);
for (let i = 0; i < data.length; i++) data[i] = i;
await picklet.writePickle(${text(path)}, data, { python: 2, overflow: "split" });`);
		const found = inPython(
			python2?.python as string,
			`import cPickle, numpy
array = cPickle.load(open(${text(path)}, "rb"))
print("%s %s" % (array.nbytes, (array == numpy.arange(3e8)).all()))`,
		);
		expect(found).toBe("2400000000 True");
	});
});

describe.runIf(numpy)("payloads around 2^31 and 2^32", () => {
	const python = numpy?.python as string;
	const sizes = [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1];

	test.each(sizes)("%i bytes of Python's are read, and ours by Python", (size) => {
		withFile("payload.pkl", (path) => {
			inPython(
				python,
				`import pickle
data = bytearray(${size}); data[-1] = 7
with open(${text(path)}, "wb") as file: pickle.dump(bytes(data), file, 4)`,
			);
			const read = inNode(`
const bytes = await picklet.readPickle(${text(path)});
const last = bytes instanceof Uint8Array ? bytes.at(-1) : bytes.slice(-1)[0];
await picklet.writePickle(${text(path)}, bytes, { protocol: 4 });
return { length: bytes.length, last };`);
			expect(read).toMatchObject({ length: size, last: 7 });
			expect(Number(read["peak"])).toBeLessThan(size * 1.05);
			const found = inPython(
				python,
				`import pickle
with open(${text(path)}, "rb") as file: data = pickle.load(file)
print(type(data).__name__, len(data), data[-1])`,
			);
			expect(found).toBe(`bytes ${size} 7`);
		});
	});

	test("text beyond a string is read, and written again", () => {
		withFile("text.pkl", (path) => {
			const size = 2 ** 29 + 5;
			inPython(
				python,
				`import pickle
with open(${text(path)}, "wb") as file: pickle.dump("a" * ${size - 1} + "z", file, 4)`,
			);
			const read = inNode(`
const read = await picklet.readPickle(${text(path)});
await picklet.writePickle(${text(path)}, read);
let length = 0;
for (const piece of read.chunks()) length += piece.length;
return { name: read.constructor.name, length };`);
			expect(read).toMatchObject({ name: "PyLargeText", length: size });
			const found = inPython(
				python,
				`import pickle
with open(${text(path)}, "rb") as file: text = pickle.load(file)
print(type(text).__name__, len(text), text[-1])`,
			);
			expect(found).toBe(`str ${size} z`);
		});
	});
});
