import * as picklet from "../../../src/index.ts";

type Shape = ReadonlyMap<PropertyKey, PropertyDescriptor>;

const builtins = [
	Object,
	Function,
	Array,
	Map,
	Set,
	WeakMap,
	String,
	Number,
	Boolean,
	BigInt,
	Symbol,
	Error,
	TypeError,
];
const moreBuiltins = [
	RangeError,
	Promise,
	Date,
	RegExp,
	ArrayBuffer,
	DataView,
	Uint8Array,
	Object.getPrototypeOf(Uint8Array),
];

const classes = Object.values(picklet).filter((value): value is typeof Object => typeof value === "function");
const prototypes: readonly object[] = [...builtins, ...moreBuiltins, ...classes]
	.map(({ prototype }) => prototype)
	.filter(Boolean);

/** Notes what the prototypes of JavaScript and picklet are now; the function it gives tells what has become another since. */
export function watchPrototypes(): () => string[] {
	const before = prototypes.map(shapeOf);
	return () => {
		const found = prototypes.filter((prototype, i) => differ(before[i] as Shape, shapeOf(prototype)));
		const names = found.map((prototype) => `${prototype.constructor.name}.prototype`);
		return "polluted" in {} ? [...names, "({}).polluted"] : names;
	};
}

function shapeOf(object: object): Shape {
	const keys = Reflect.ownKeys(object);
	const shape = new Map(keys.map((key) => [key, Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor]));
	return shape.set("[[Prototype]]", { value: Object.getPrototypeOf(object) });
}

function differ(one: Shape, other: Shape): boolean {
	return (
		one.size !== other.size ||
		[...one].some(([key, { value, get, set }]) => {
			const now = other.get(key);
			return !now || !Object.is(now.value, value) || now.get !== get || now.set !== set;
		})
	);
}
