/**
 * Runs jobs: one engine on one workload in a fresh process. A job is
 * { work: "decode" | "encode", engine, input, protocol, expected, iterations, calls, imports, module?, export? };
 * to encode, the input is decoded first, and what that gives is encoded, by Python at the protocol. The process prints a
 * result as JSON:
 * { outcome: "right", wall: [ms a call], cpu: [ms a call], bare, peak } (bytes) | { outcome: "wrong" } | { outcome: "fails", reason }.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const nodeWorker = fileURLToPath(new URL("engines/node.mjs", import.meta.url));
const pythonWorker = fileURLToPath(new URL("engines/python.py", import.meta.url));
const patienceMilliseconds = 600_000;

async function outcomeOf(program, programArguments, env) {
	try {
		const { stdout } = await run(program, programArguments, { env, timeout: patienceMilliseconds });
		return JSON.parse(stdout);
	} catch (error) {
		return { outcome: "fails", reason: (error.stderr || error.message).trim().split("\n").at(-1) };
	}
}

/** Runs a job in a new process of the given Node program, with more of its flags if wanted. */
export function runInNode(program, job, flags = []) {
	return outcomeOf(program, ["--expose-gc", ...flags, nodeWorker, JSON.stringify(job)], process.env);
}

/** Runs a job in a new process of the given Python (see pythons.mjs). */
export function runInPython(python, job) {
	return outcomeOf(python.program, [pythonWorker, JSON.stringify(job)], { ...process.env, ...python.environment });
}
