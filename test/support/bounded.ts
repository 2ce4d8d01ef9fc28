import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import { runFolder } from "./built.ts";

/** Memory in all, where the system can hold a process to it. */
const MEGABYTES = 512;
/** The part of it that is left to JavaScript's heap. */
const HEAP_MEGABYTES = 384;
/** Work between two signs of life: the process's own time, where the system tells, so that a busy machine does not matter. */
const MILLISECONDS = 2000;
/** Time between them, whatever the process does. */
const MOST_MILLISECONDS = 30_000;

/** What a process of `answerRequests` tells the one that asks it. */
type Message<Answer> = { readonly kind: "ready" | "alive" } | { readonly kind: "answer"; readonly answer: Answer };

/**
 * A process of its own that answers requests, one after another. It is ended, and the request fails, if it works for
 * 2 s without a sign of life or needs more than 512 MB; the next request starts another.
 */
export class BoundedProcess<Request, Answer> {
	readonly #script: string;
	#child: ChildProcess | undefined;
	#turn: Promise<unknown> = Promise.resolve();

	/** `source` is a TypeScript file that calls `answerRequests`. */
	constructor(source: string) {
		this.#script = join(runFolder(), basename(source).replace(/\.ts$/, `.${process.pid}.mjs`));
		const target = { outfile: this.#script, format: "esm", platform: "node", target: "node20" } as const;
		buildSync({ entryPoints: [source], bundle: true, packages: "external", logLevel: "error", ...target });
	}

	/** @throws Error if the process had to be ended, or ended itself */
	ask(request: Request): Promise<Answer> {
		const answer = this.#turn.then(() => this.#ask(request));
		this.#turn = answer.catch(() => undefined);
		return answer;
	}

	stop(): void {
		this.#child?.kill("SIGKILL");
		this.#child = undefined;
	}

	async #ask(request: Request): Promise<Answer> {
		this.#child ??= await this.#start();
		this.#child.send(request as object);
		return (await this.#listen(this.#child)) as Answer;
	}

	async #start(): Promise<ChildProcess> {
		const node = [process.execPath, `--max-old-space-size=${HEAP_MEGABYTES}`, this.#script];
		const limited = ["sh", "-c", `ulimit -d ${MEGABYTES * 1024}; exec "$@"`, "sh", ...node];
		const [command, ...args] = process.platform === "linux" ? limited : node;
		const child = spawn(command as string, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
		await this.#listen(child);
		return child;
	}

	/** Waits for an answer, or for the process to be ready. */
	#listen(child: ChildProcess): Promise<Answer | undefined> {
		return new Promise((resolve, reject) => {
			let clock = new Clock(child.pid);
			const settle = () => {
				clearInterval(timer);
				child.off("exit", onExit).off("message", onMessage);
			};
			const fail = (reason: string) => {
				settle();
				this.stop();
				reject(new Error(`the process ${reason}`));
			};
			const onExit = (code: number | null, signal: string | null) =>
				fail(`ended itself: ${signal ?? `status ${code}`}`);
			const onMessage = (message: Message<Answer>) => {
				clock = new Clock(child.pid);
				if (message.kind === "alive") return;
				settle();
				resolve(message.kind === "answer" ? message.answer : undefined);
			};
			const timer = setInterval(() => {
				if (clock.isOver) fail(`worked for more than ${MILLISECONDS} ms`);
			}, MILLISECONDS / 10);
			child.on("exit", onExit).on("message", onMessage);
		});
	}
}

/** How long a process has worked since this was made. */
class Clock {
	readonly #pid: number | undefined;
	readonly #started = performance.now();
	readonly #worked: number | undefined;

	constructor(pid: number | undefined) {
		this.#pid = pid;
		this.#worked = workedMilliseconds(pid);
	}

	get isOver(): boolean {
		const passed = performance.now() - this.#started;
		const worked = workedMilliseconds(this.#pid);
		const own = worked === undefined || this.#worked === undefined ? passed : worked - this.#worked;
		return own > MILLISECONDS || passed > MOST_MILLISECONDS;
	}
}

/** What Linux counts of a process's time. */
function workedMilliseconds(pid: number | undefined): number | undefined {
	if (process.platform !== "linux") return undefined;
	try {
		const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
		return 10 * (Number(fields[11]) + Number(fields[12]));
	} catch {
		return undefined;
	}
}
