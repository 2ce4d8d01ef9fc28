/*
 * node --expose-gc --max-old-space-size=8000 bench/slopes.mjs: nanoseconds an element, to decode and to encode, as elements grow tenfold from 1,000 to
 * 10,000,000. Where cost is linear a row stays level but for caches and the collector. The code is that of `npm run build`.
 */
import { decode, encode, PyDict } from "../dist/index.js";

/** What n elements are. */
const shapes = {
	ints: (n) => Array.from({ length: n }, (_, i) => i),
	floats: (n) => Array.from({ length: n }, (_, i) => i / 7),
	strings: (n) => Array.from({ length: n }, (_, i) => `text ${i}`),
	"big ints": (n) => Array.from({ length: n }, (_, i) => 2n ** 100n + BigInt(i)),
	"dicts of one key": (n) => Array.from({ length: n }, (_, i) => ({ key: i })),
	"shared tuples": (n) => {
		const shared = Array.from({ length: 100 }, (_, i) => Object.freeze([i, -i]));
		return Array.from({ length: n }, (_, i) => shared[i % 100]);
	},
	"one dict": (n) => new PyDict(Array.from({ length: n }, (_, i) => [i, true])),
};
const sizes = [1e3, 1e4, 1e5, 1e6, 1e7];

/** The best of a few times, in nanoseconds an element. */
function perElement(n, action) {
	let best = Number.POSITIVE_INFINITY;
	for (let round = 0; round < (n > 1e6 ? 2 : 5); round++) {
		globalThis.gc?.();
		const start = performance.now();
		action();
		best = Math.min(best, performance.now() - start);
	}
	return ((best * 1e6) / n).toFixed(0);
}

console.log(`| elements | ${sizes.map((n) => n.toLocaleString("en")).join(" | ")} |`);
console.log(`| --- | ${sizes.map(() => "---:").join(" | ")} |`);
for (const [name, make] of Object.entries(shapes)) {
	const cells = sizes.map((n) => {
		const value = make(n);
		const pickle = encode(value);
		return `${perElement(n, () => decode(pickle))} / ${perElement(n, () => encode(value))}`;
	});
	console.log(`| ${name} | ${cells.join(" | ")} |`);
}
