import {
	closeSync,
	createReadStream,
	existsSync,
	ftruncateSync,
	mkdtempSync,
	openSync,
	rmSync,
	statSync,
	writeSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeChunks } from "../../src/index.ts";
import { notRun } from "../support/notRun.ts";
import { repository } from "../support/repository.ts";

const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (program === undefined) notRun("files of 2.5 GiB and 8e9 bytes in Chromium, which is not installed");

const folder = mkdtempSync(join(tmpdir(), "picklet-browser-"));
const html = '<input type="file"><script src="/picklet.js"></script>';
/** What the server gave of a pickle, in bytes, answer by answer. */
let given: number[] = [];
let server: Server;
let browser: Browser;
let page: Page;

/** What the page says of an array that it opened. */
interface Seen {
	readonly shape: readonly number[];
	readonly first: readonly number[];
	readonly last: readonly number[];
}

/** A pickle of a float64 array that is zeros but for both ends, as a sparse file. */
function writeSparse(path: string, items: number): void {
	const array = new Float64Array(items);
	array.set([1.5, 2.5]);
	array.set([3.5, 4.5], items - 2);
	const file = openSync(path, "w");
	let at = 0;
	for (const chunk of encodeChunks(array)) {
		if (chunk.length < 2 ** 20) writeSync(file, chunk, 0, chunk.length, at);
		else {
			writeSync(file, chunk, 0, 4096, at);
			writeSync(file, chunk.subarray(-4096), 0, 4096, at + chunk.length - 4096);
		}
		at += chunk.length;
	}
	ftruncateSync(file, at);
	closeSync(file);
}

function serve({ url = "/", headers }: IncomingMessage, answer: ServerResponse, script: string): void {
	if (url === "/") answer.setHeader("content-type", "text/html").end(html);
	else if (url === "/picklet.js") answer.end(script);
	else if (url.endsWith(".pkl")) serveRange(join(folder, url), headers.range, answer);
	else answer.writeHead(404).end();
}

function serveRange(path: string, range: string | undefined, answer: ServerResponse): void {
	const { size } = statSync(path);
	const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
	answer.setHeader("accept-ranges", "bytes");
	if (from === undefined) {
		answer.setHeader("content-length", size).end();
		return;
	}
	const end = Math.min(size - 1, to === "" ? size - 1 : Number(to));
	given.push(end - Number(from) + 1);
	answer.writeHead(206, { "content-range": `bytes ${from}-${end}/${size}`, "content-length": end - Number(from) + 1 });
	createReadStream(path, { start: Number(from), end }).pipe(answer);
}

/** Opens what a page's script gives, and shows both ends of the array in it. */
function show(source: string): Promise<Seen> {
	const script = `(async () => {
		const file = await picklet.openPickle(${source});
		const { shape } = file.value;
		const numbers = (array) => [...array.data];
		const first = numbers(await file.value.readRows(0, 2));
		const last = numbers(await file.value.readSlice([-2, null]));
		await file.close();
		return { shape: [...shape], first, last };
	})()`;
	return page.evaluate(script);
}

afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(program === undefined)("in Chromium", () => {
	beforeAll(async () => {
		const code = 'import * as picklet from "picklet"; globalThis.picklet = picklet;';
		const { outputFiles } = await build({
			stdin: { contents: code, resolveDir: repository },
			alias: { picklet: join(repository, "src/index.ts") },
			bundle: true,
			write: false,
			logLevel: "silent",
		});
		server = createServer((request, answer) => serve(request, answer, outputFiles[0]?.text ?? ""));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		browser = await chromium.launch({ executablePath: program as string, args: ["--no-sandbox", "--disable-quic"] });
		page = await browser.newPage();
		await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
	});

	afterAll(async () => {
		await browser?.close();
		server?.close();
	});

	describe.each([
		["2.5 GiB", (2.5 * 2 ** 30) / 8],
		["8e9 bytes", 1e9],
	])("an array of %s", (name, items) => {
		const path = join(folder, `${items}.pkl`);
		const seen = { shape: [items], first: [1.5, 2.5], last: [3.5, 4.5] };
		beforeAll(() => writeSparse(path, items));

		test("opens from a File, and shows slices", async () => {
			await page.setInputFiles("input", path);
			expect(await show('document.querySelector("input").files[0]')).toEqual(seen);
		});

		test(`opens over HTTP with few and small ranges (${name})`, async () => {
			given = [];
			expect(await show(`await picklet.httpSource("/${items}.pkl")`)).toEqual(seen);
			// Two of them are for the rows and the slice.
			expect(given.length).toBeLessThanOrEqual(4 + 2);
			expect(given.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(65_536);
		});
	});
});
