/** Times one engine on one workload in this process. The one argument is a job as JSON, see ../jobs.mjs. */
import { readFileSync } from "node:fs";
import { isRight } from "../samples.mjs";
import { encoderNamed } from "./encoders.mjs";
import { engineNamed } from "./index.mjs";

/** Peak resident bytes of this process, not counting what its parent had before exec. */
function peakMemory() {
	try {
		return Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "latin1"))[1]) * 1024;
	} catch {
		return process.resourceUsage().maxRSS * 1024;
	}
}

/** Bytes that own their memory: small files read by node:fs may lie in a shared pool. */
function readBytes(path) {
	return new Uint8Array(readFileSync(path));
}

function cpuMilliseconds(since) {
	const { user, system } = process.cpuUsage(since);
	return (user + system) / 1e3;
}

function readInput(engine, job) {
	return engine.input === "json" ? readFileSync(job.input, "utf8") : readBytes(job.input);
}

function expectation(job) {
	return JSON.parse(readFileSync(job.expected, "utf8"));
}

/** What is timed, what the memory was before, and whether a result is right. */
async function decoding(job) {
	const engine = engineNamed(job.engine);
	const decode = await engine.load(job);
	const bare = peakMemory();
	const input = readInput(engine, job);
	const right = engine.isRight ? () => engine.isRight(job) : (value) => isRight(value, expectation(job));
	return { run: () => decode(input), bare, right, collect: engine.collect };
}

/** Likewise for encoding what was decoded: memory grows from there. */
async function encoding(job) {
	const engine = encoderNamed(job.engine);
	const { decode, encode } = await engine.load(job);
	const value = decode(readInput(engine, job));
	return { run: () => encode(value), bare: peakMemory(), right: (output) => isRight(decode(output), expectation(job)) };
}

async function measure(job) {
	const { run, bare, right, collect } = await (job.work === "encode" ? encoding : decoding)(job);
	const wall = [];
	const cpu = [];
	let peak = 0;
	for (let iteration = 0; iteration < job.iterations; iteration++) {
		collect?.();
		globalThis.gc();
		const cpuStart = process.cpuUsage();
		const start = performance.now();
		for (let call = 1; call < job.calls; call++) run();
		const result = run();
		wall.push((performance.now() - start) / job.calls);
		cpu.push(cpuMilliseconds(cpuStart) / job.calls);
		if (iteration > 0) continue;
		peak = peakMemory();
		if (!right(result)) return { outcome: "wrong" };
	}
	return { outcome: "right", wall, cpu, bare, peak };
}

function failure(error) {
	return { outcome: "fails", reason: String(error instanceof Error ? `${error.name}: ${error.message}` : error) };
}

const result = await measure(JSON.parse(process.argv[2])).catch(failure);
process.stdout.write(`${JSON.stringify(result)}\n`);
