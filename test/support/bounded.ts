import { type ChildProcess, spawn } from "node:child_process";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import { runFolder } from "./built.ts";

/** Memory in all, where the system can hold a process to it. */
const MEGABYTES = 512;
/** The part of it that is left to JavaScript's heap. */
const HEAP_MEGABYTES = 384;
/** Time between two signs of life. */
const MILLISECONDS = 2000;
/** Time to start in. */
const START_MILLISECONDS = 20_000;

/** What a process of `answerRequests` tells the one that asks it. */
type Message<Answer> = { readonly kind: "ready" | "alive" } | { readonly kind: "answer"; readonly answer: Answer };

/**
 * A process of its own that answers requests, one after another. It is ended, and the request fails, if it gives no sign of life
 * for 2 s or needs more than 512 MB; the next request starts another.
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
		return (await this.#listen(this.#child, MILLISECONDS)) as Answer;
	}

	async #start(): Promise<ChildProcess> {
		const node = [process.execPath, `--max-old-space-size=${HEAP_MEGABYTES}`, this.#script];
		const limited = ["sh", "-c", `ulimit -d ${MEGABYTES * 1024}; exec "$@"`, "sh", ...node];
		const [command, ...args] = process.platform === "linux" ? limited : node;
		const child = spawn(command as string, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
		await this.#listen(child, START_MILLISECONDS);
		return child;
	}

	/** Waits for an answer, or for the process to be ready. */
	#listen(child: ChildProcess, milliseconds: number): Promise<Answer | undefined> {
		return new Promise((resolve, reject) => {
			const fail = (reason: string) => {
				settle();
				this.stop();
				reject(new Error(`the process ${reason}`));
			};
			const onExit = (code: number | null, signal: string | null) =>
				fail(`ended itself: ${signal ?? `status ${code}`}`);
			const timer = setTimeout(() => fail(`took more than ${milliseconds} ms`), milliseconds);
			const onMessage = (message: Message<Answer>) => {
				timer.refresh();
				if (message.kind === "alive") return;
				settle();
				resolve(message.kind === "answer" ? message.answer : undefined);
			};
			const settle = () => {
				clearTimeout(timer);
				child.off("exit", onExit).off("message", onMessage);
			};
			child.on("exit", onExit).on("message", onMessage);
		});
	}
}
