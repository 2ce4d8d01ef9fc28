import fc from "fast-check";
import { expect, test } from "vitest";
import { Memo } from "../../src/opcodes/memo.ts";

test("MEMOIZE numbers from 0", () => {
	const memo = new Memo();
	for (const value of ["a", "b", "c"]) memo.add(value);
	expect([0, 1, 2, 3].map((place) => memo.get(place))).toEqual(["a", "b", "c", undefined]);
	expect(memo.size).toBe(3);
	expect(memo.last).toBe(2);
});

test("a place that is taken gets the new value", () => {
	const memo = new Memo();
	memo.add("a");
	memo.put(0, "b");
	expect(memo.get(0)).toBe("b");
	expect(memo.size).toBe(1);
});

test("MEMOIZE takes as its number how many places are taken, also after gaps, as CPython does", () => {
	const memo = new Memo();
	memo.put(1, "one");
	memo.add("two");
	expect(memo.get(0)).toBeUndefined();
	expect(memo.get(1)).toBe("two");
	expect(memo.size).toBe(1);
});

test("a place far away costs no memory for those before it", () => {
	const memo = new Memo();
	memo.put(2 ** 32 - 1, "far");
	memo.put(2 ** 53 - 1, "farther");
	memo.put(0, "near");
	expect(memo.get(2 ** 32 - 1)).toBe("far");
	expect(memo.get(2 ** 53 - 1)).toBe("farther");
	expect(memo.get(0)).toBe("near");
	expect(memo.get(5)).toBeUndefined();
	expect(memo.size).toBe(3);
});

test("whatever is put where, it is as a Map would have it", () => {
	const place = fc.oneof(fc.nat(10), fc.nat(200), fc.nat(2 ** 32 - 1));
	const steps = fc.array(fc.oneof(place, fc.constant(undefined)), { maxLength: 200 });
	fc.assert(
		fc.property(steps, (places) => {
			const memo = new Memo();
			const model = new Map<number, number>();
			for (const [value, at] of places.entries()) {
				if (at === undefined) {
					memo.add(value);
					model.set(model.size, value);
				} else {
					memo.put(at, value);
					model.set(at, value);
				}
				expect(memo.size).toBe(model.size);
			}
			for (const [at, value] of model) expect(memo.get(at)).toBe(value);
		}),
	);
});
