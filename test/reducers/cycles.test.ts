import { describe, expect, test } from "vitest";
import {
	decode,
	encode,
	PyCounter,
	PyDefaultDict,
	PyDeque,
	PyDict,
	PyException,
	PyFrozenSet,
	PyGetter,
	PyGlobal,
	PyObject,
	PyOrderedDict,
	PyPartial,
	PySet,
	PySlice,
	PyUserDict,
	type PyValue,
	tuple,
} from "../../src/index.ts";

const fn = new PyGlobal("app", "fn");

/** Holders of the values given, and how to see those in what comes back. */
const holders: Readonly<
	Record<string, readonly [hold: (items: PyValue[]) => PyValue, held: (made: never) => unknown]>
> = {
	deque: [(items) => new PyDeque(items, 5), ({ items }: PyDeque) => items],
	OrderedDict: [
		(items) => new PyOrderedDict(items.map((item, at) => [at, item])),
		(made: PyOrderedDict) => [...made.values()],
	],
	defaultdict: [
		(items) =>
			new PyDefaultDict(
				null,
				items.map((item, at) => [at, item]),
			),
		(made: PyDefaultDict) => [...made.values()],
	],
	Counter: [(items) => new PyCounter(items.map((item, at) => [at, item])), (made: PyCounter) => [...made.values()]],
	UserDict: [
		(items) => new PyUserDict(new PyDict(items.map((item, at) => [at, item]))),
		({ data }: PyUserDict) => [...(data as PyDict).values()],
	],
	exception: [(items) => new PyException("ValueError", items), ({ args }: PyException) => args],
	partial: [(items) => new PyPartial(fn, tuple(...items)), ({ args }: PyPartial) => args],
	itemgetter: [(items) => new PyGetter("itemgetter", items), ({ args }: PyGetter) => args],
	slice: [([a, b]) => new PySlice(a ?? null, b ?? null), ({ start, stop }: PySlice) => [start, stop]],
	tuple: [(items) => tuple(...items), (items: PyValue[]) => items],
	object: [(items) => new PyObject("call", fn, tuple(...items)), ({ args }: PyObject) => args],
};

const variants = [
	{ python: 2, protocol: 0 },
	{ python: 2 },
	{ protocol: 0 },
	{ protocol: 2 },
	{ protocol: 5 },
] as const;

describe.each(variants)("reached again through its own items, %j", (options) => {
	test.each(Object.keys(holders))("%s keeps them", (name) => {
		const [hold, held] = holders[name] as (typeof holders)[string];
		const list: PyValue[] = [];
		const value = hold([list, 2]);
		list.push(value);
		// From outside, and from within.
		const [inner, two] = held(decode(encode(value, options)) as never) as [PyValue[], number];
		expect([two, inner.length]).toEqual([2, 1]);
		const [again, twoAgain] = held(inner[0] as never) as [PyValue[], number];
		expect([again.length, twoAgain]).toEqual([1, 2]);
		const [first] = decode(encode(list, options)) as PyValue[];
		expect((held(first as never) as PyValue[])[1]).toBe(2);
	});

	test.each([PySet, PyFrozenSet])("%o keeps its members", (type) => {
		const object = new PyObject("new", fn, tuple());
		const set = new type([object, 2]);
		PyObject.addState(object, new PyDict([["set", set]]));
		const [member, two] = [...(decode(encode(set, options)) as PySet)] as [PyObject, number];
		expect([two, (member.get("set") as PySet).size]).toEqual([2, 2]);
	});
});
