/** Where a process's time goes, by V8's sampling profiler. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { runInNode } from "./jobs.mjs";

/** Runs a job in a new process and returns the functions it spent most time in itself: [{ name, share }], largest first. */
export async function profileInNode(program, job, count = 12) {
	const folder = await mkdtemp(join(tmpdir(), "picklet-profile-"));
	try {
		await runInNode(program, job, ["--cpu-prof", "--cpu-prof-dir", folder]);
		const [file] = await readdir(folder);
		return selfTimes(JSON.parse(await readFile(join(folder, file), "utf8"))).slice(0, count);
	} finally {
		await rm(folder, { recursive: true });
	}
}

function nameOf({ functionName, url, lineNumber }) {
	const place = url ? ` ${basename(url)}:${lineNumber + 1}` : "";
	return `${functionName || "(anonymous)"}${place}`;
}

function selfTimes({ nodes, samples, timeDeltas }) {
	const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
	const times = new Map();
	let total = 0;
	for (const [index, id] of samples.entries()) {
		const name = names.get(id);
		if (name === "(idle)") continue;
		times.set(name, (times.get(name) ?? 0) + timeDeltas[index]);
		total += timeDeltas[index];
	}
	return [...times].map(([name, time]) => ({ name, share: time / total })).sort((a, b) => b.share - a.share);
}
