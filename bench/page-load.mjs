/*
 * node bench/page-load.mjs [ROUNDS]: from the start of a page's load to the first value of a 2 MB pickle in Chromium, with picklet and with
 * pyodide, each in a browser that has nothing in its cache. The server is this process: a network would add what 13 MB take, and 0.1.
 */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { encode } from "../dist/index.js";
import { median } from "./statistics.mjs";

const rounds = Number(process.argv[2] ?? 5);
const root = join(import.meta.dirname, "..");
const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (program === undefined) throw new Error("Chromium is not installed");

/** Records of 8 keys until there are 2 MB. */
const records = Array.from({ length: 30_000 }, (_, id) => {
	return {
		id,
		name: `name ${id}`,
		x: id / 7,
		y: -id,
		ok: id % 2 === 0,
		tags: ["a", `t${id % 50}`],
		none: null,
		sum: id * id,
	};
});
const pickle = encode(records);

const { outputFiles } = await build({
	stdin: { contents: 'export { decode } from "picklet";', resolveDir: root },
	alias: { picklet: join(root, "dist/index.js") },
	bundle: true,
	minify: true,
	format: "esm",
	write: false,
});

const report = "document.title = JSON.stringify([count, performance.now()]);";
const pages = {
	picklet: `const [{ decode }, data] = await Promise.all([import("/picklet.js"), fetch("/data.pkl").then((answer) => answer.arrayBuffer())]);
const count = decode(data).length;
${report}`,
	pyodide: `import { loadPyodide } from "/pyodide/pyodide.mjs";
const [pyodide, data] = await Promise.all([loadPyodide(), fetch("/data.pkl").then((answer) => answer.arrayBuffer())]);
pyodide.FS.writeFile("/data.pkl", new Uint8Array(data));
const count = pyodide.runPython('import pickle; value = pickle.load(open("/data.pkl", "rb")); len(value)');
${report}`,
};

const types = { js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm", json: "application/json" };

function bodyOf(path) {
	if (path === "/picklet.js") return outputFiles[0].contents;
	if (path === "/data.pkl") return pickle;
	const [, page] = /^\/(\w+)\.html$/.exec(path) ?? [];
	if (page in pages) return `<!doctype html><script type="module">${pages[page]}</script>`;
	const file = join(root, "node_modules", path);
	return path.startsWith("/pyodide/") && existsSync(file) ? readFileSync(file) : undefined;
}

const server = createServer(({ url }, answer) => {
	const body = bodyOf(url);
	if (body === undefined) return answer.writeHead(404).end();
	answer.writeHead(200, { "content-type": types[url.split(".").pop()] ?? "text/html" }).end(body);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

async function firstValue(page) {
	const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
	try {
		const tab = await browser.newPage();
		// Until the browser itself has started.
		await tab.waitForTimeout(2000);
		await tab.goto(`http://127.0.0.1:${server.address().port}/${page}.html`);
		await tab.waitForFunction("document.title !== ''");
		const [count, time] = JSON.parse(await tab.title());
		if (count !== records.length) throw new Error(`${page} decoded ${count} records`);
		return time;
	} finally {
		await browser.close();
	}
}

const times = { picklet: [], pyodide: [] };
for (let round = 0; round < rounds; round++) {
	for (const page of Object.keys(pages)) times[page].push(await firstValue(page));
}
server.close();
const [own, theirs] = [median(times.picklet), median(times.pyodide)];
console.log(
	`${pickle.length} bytes, median of ${rounds}: picklet ${own.toFixed(0)} ms, pyodide ${theirs.toFixed(0)} ms: ${(theirs / own).toFixed(1)} times shorter`,
);
