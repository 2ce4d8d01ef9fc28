import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encode, httpSource, type LazyNDArray, openPickle, readPickle } from "../../src/index.ts";

const floats = Float64Array.from({ length: 100_000 }, (_, i) => i);
const pickle = encode(floats);

let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
let requests: IncomingMessage[] = [];
let url = "";
const server = createServer((request, response) => {
	requests.push(request);
	answer(request, response);
});
beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.pkl`;
});
afterAll(() => server.close());
beforeEach(() => {
	requests = [];
	answer = ranges({});
});

/** A server that answers ranges, with these headers. */
function ranges(headers: Record<string, string>, hidesRange = false) {
	return (request: IncomingMessage, response: ServerResponse) => {
		if (request.method === "HEAD") {
			response.writeHead(200, { "Content-Length": pickle.length }).end();
			return;
		}
		const [, from, to] = /bytes=(\d+)-(\d+)/.exec(String(request.headers.range)) ?? [];
		const last = Math.min(Number(to), pickle.length - 1);
		const range = hidesRange ? {} : { "Content-Range": `bytes ${from}-${last}/${pickle.length}` };
		response.writeHead(206, { ...range, ...headers });
		response.end(pickle.subarray(Number(from), last + 1));
	};
}

describe("a server with ranges", () => {
	test("is asked for what is needed only", async () => {
		const file = await openPickle(await httpSource(url));
		const array = file.value as LazyNDArray;
		expect(array.shape).toEqual([100_000]);
		expect((await array.readRows(99_998, 100_000)).toNested()).toEqual([99_998, 99_999]);
		expect(requests.length).toBeLessThanOrEqual(5);
		const bytes = requests.map(({ headers }) => (headers.range ?? "").match(/\d+/g)?.map(Number) as [number, number]);
		expect(bytes.reduce((sum, [from, to]) => sum + to - from + 1, 0)).toBeLessThan(65_536);
	});

	test("is read whole", async () => {
		expect(((await readPickle(await httpSource(url))) as { data: unknown }).data).toEqual(floats);
	});

	test("that hides Content-Range across origins is asked by HEAD", async () => {
		answer = ranges({}, true);
		expect((await httpSource(url)).size).toBe(pickle.length);
	});

	test("that does not know the whole length in the end", async () => {
		answer = (request, response) => {
			if (request.method === "HEAD") response.writeHead(200, { "Content-Length": pickle.length }).end();
			else {
				const [from, to] = String(request.headers.range).split(/\D+/).slice(1).map(Number) as [number, number];
				const last = Math.min(to, pickle.length - 1);
				response.writeHead(206, { "Content-Range": `bytes ${from}-${last}/*` }).end(pickle.subarray(from, last + 1));
			}
		};
		const { value } = await openPickle<LazyNDArray>(await httpSource(url));
		expect((await value.readRows(0, 2)).toNested()).toEqual([0, 1]);
	});

	test("gets the headers that it wants, and If-Range with the version of the first answer", async () => {
		answer = ranges({ ETag: '"v1"' });
		const source = await httpSource(url, { headers: { Authorization: "Bearer x" } });
		await source.read(new Uint8Array(10), 5);
		expect(requests.every(({ headers }) => headers.authorization === "Bearer x")).toBe(true);
		expect(requests.at(-1)?.headers["if-range"]).toBe('"v1"');
	});
});

describe("E_SOURCE", () => {
	const refused = (message: RegExp) => ({ code: "E_SOURCE", message: expect.stringMatching(message) });

	test.each([
		["a 200: no ranges", 200, {}, /knows no ranges/],
		["a 404", 404, {}, /answers 404/],
		["a Content-Encoding", 206, { "Content-Range": "bytes 0-0/5", "Content-Encoding": "gzip" }, /encoded \(gzip\)/],
	])("for %s", async (_, status, headers, message) => {
		answer = (_request, response) => response.writeHead(status, headers as Record<string, string>).end("x");
		await expect(httpSource(url)).rejects.toMatchObject(refused(message));
	});

	test("for no server at all, with the cause", async () => {
		const error = await httpSource("http://127.0.0.1:1/x").catch((reason) => reason);
		expect(error).toMatchObject({ ...refused(/cannot fetch/), cause: expect.any(Error) });
	});

	test("for a file that changes between two ranges", async () => {
		answer = ranges({ ETag: '"v1"' });
		const source = await httpSource(url);
		answer = (_, response) => response.writeHead(200, { ETag: '"v2"' }).end("all of another file");
		await expect(source.read(new Uint8Array(10), 0)).rejects.toMatchObject(refused(/changed on the server/));
	});

	test.each([
		["ETag", '"v1"', '"v2"'],
		["ETag", 'W/"v1"', 'W/"v2"'],
		["Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2025 07:28:00 GMT"],
	])("for one that changes on a server that knows no If-Range: %s %s", async (name, before, after) => {
		answer = ranges({ [name]: before });
		const source = await httpSource(url);
		await source.read(new Uint8Array(10), 0);
		answer = ranges({ [name]: after });
		await expect(source.read(new Uint8Array(10), 0)).rejects.toMatchObject(refused(/changed on the server/));
	});

	test("for a connection that drops", async () => {
		const source = await httpSource(url);
		answer = (request, response) => {
			response.writeHead(206, { "Content-Range": `bytes 0-99/${pickle.length}`, "Content-Length": 100 });
			response.write("x".repeat(10), () => request.socket.destroy());
		};
		await expect(source.read(new Uint8Array(100), 0)).rejects.toMatchObject(refused(/broke off/));
	});

	test("for an answer that is short, long or of another part", async () => {
		const source = await httpSource(url);
		const send = (range: string, text: string) => {
			answer = (_, response) =>
				response.writeHead(206, { "Content-Range": `bytes ${range}/${pickle.length}` }).end(text);
			return source.read(new Uint8Array(10), 0);
		};
		await expect(send("0-9", "short")).rejects.toMatchObject(refused(/broke off after 5 of 10/));
		await expect(send("0-9", "much too long")).rejects.toMatchObject(refused(/more than it was asked for/));
		answer = (_, response) =>
			response.writeHead(206, { "Content-Range": `bytes 0-9/${pickle.length}7` }).end("0123456789");
		await expect(source.read(new Uint8Array(10), 0)).rejects.toMatchObject(refused(/sent the range/));
		await expect(send("5-14", "0123456789")).rejects.toMatchObject(refused(/sent the range/));
	});
});

test("an abort rejects with its reason", async () => {
	await expect(httpSource(url, { signal: AbortSignal.abort("stop") })).rejects.toBe("stop");
	const source = await httpSource(url);
	const controller = new AbortController();
	answer = () => controller.abort("enough");
	await expect(source.read(new Uint8Array(10), 0, controller.signal)).rejects.toBe("enough");
});
