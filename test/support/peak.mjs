import { readFileSync } from "node:fs";

// Of the memory of a process resourceUsage also counts what the one that forked it had.
process.on("exit", () => {
	const status = process.platform === "linux" ? readFileSync("/proc/self/status", "latin1") : "";
	console.error(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
});
