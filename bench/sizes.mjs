/*
 * node bench/sizes.mjs FOLDER [PYTHON [NODE...]]: reads and writes the float64 array of shape (100000, 200, 50), 8,000,000,000 bytes, in FOLDER,
 * beside CPython's pickle.load and dd. Takes 8 GB of disk and 9 GB of memory. The code is that of `npm run build`.
 */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const [folder, python = "python3", ...others] = process.argv.slice(2);
if (folder === undefined) throw new Error("node bench/sizes.mjs FOLDER [PYTHON [NODE...]]");
const nodes = others.length > 0 ? others : [process.execPath];
const path = join(folder, "picklet-sizes.pkl");
const entry = new URL("../dist/node/index.js", import.meta.url).href;
const BYTES = 8e9;

function run(program, args) {
	return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

function inNode(node, code) {
	const module = `import * as picklet from ${JSON.stringify(entry)};
const path = ${JSON.stringify(path)};
${code}
const peak = (process.resourceUsage().maxRSS * 1024 / ${BYTES}).toFixed(3);
console.log(process.version, (seconds / 1000).toFixed(2) + " s, peak " + peak);`;
	return run(node, ["--input-type=module", "-e", module]);
}

function write(node) {
	return inNode(
		node,
		`const data = new Float64Array(1e9); for (let i = 0; i < data.length; i++) data[i] = i;
const array = new picklet.NDArray(data, picklet.DType.of("<f8"), [100_000, 200, 50]);
const start = performance.now();
await picklet.writePickle(path, array);
const seconds = performance.now() - start;`,
	);
}

function read(node) {
	return inNode(
		node,
		`const start = performance.now();
const array = await picklet.readPickle(path);
const seconds = performance.now() - start;
if (array.get(-1, -1, -1) !== 999_999_999) throw new Error("not what was written");`,
	);
}

const load = `import pickle, time
start = time.time()
with open(${JSON.stringify(path)}, "rb") as file: array = pickle.load(file)
print("%.2f s" % (time.time() - start), array.shape)`;

try {
	for (const node of nodes) {
		rmSync(path, { force: true });
		const dd = join(folder, "picklet-sizes.dd");
		const start = performance.now();
		run("dd", ["if=/dev/zero", `of=${dd}`, "bs=16M", "count=477", "conv=fsync"]);
		console.log("written by dd     ", ((performance.now() - start) / 1000).toFixed(2), "s");
		rmSync(dd);
		console.log("written by picklet", write(node));
		// What is written directly is not in the system's memory: both are to find it there.
		run("dd", [`if=${path}`, "of=/dev/null", "bs=16M"]);
		console.log("read by CPython   ", run(python, ["-c", load]));
		console.log("read by picklet   ", read(node));
	}
} finally {
	rmSync(path, { force: true });
}
