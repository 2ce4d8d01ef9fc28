import { spawn } from "node:child_process";
import { join } from "node:path";
import { repository } from "./repository.ts";

/** Runs a program of Python to its end, with the modules of corpus/ at hand. Gives its output. */
export function runPython(
	python: string,
	args: readonly string[],
	input = "",
): Promise<{ status: number | null; output: string }> {
	return new Promise((resolve, reject) => {
		const child = spawn(python, ["-W", "ignore", ...args], {
			env: {
				...process.env,
				PYTHONPATH: join(repository, "corpus"),
				PYTHONDONTWRITEBYTECODE: "1",
				PYTHONHASHSEED: "0",
				OPENBLAS_NUM_THREADS: "1",
			},
			stdio: ["pipe", "pipe", "inherit"],
		});
		let output = "";
		child.stdout.setEncoding("utf8").on("data", (chunk) => {
			output += chunk;
		});
		child.on("error", reject);
		child.on("close", (status) => resolve({ status, output }));
		child.stdin.end(input);
	});
}
