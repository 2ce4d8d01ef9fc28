/** Milliseconds between two signs of life, if there is occasion for them. */
const INTERVAL = 50;

let last = 0;

function send(message: object): void {
	last = performance.now();
	process.send?.(message);
}

/** To be called between two pieces of work, each of which has 2 s. */
export function alive(): void {
	if (performance.now() - last > INTERVAL) send({ kind: "alive" });
}

/** The work of the process that a `BoundedProcess` starts. */
export function answerRequests<Request, Answer>(answer: (request: Request) => Promise<Answer>): void {
	process.on("message", async (request: Request) => {
		alive();
		send({ kind: "answer", answer: await answer(request) });
	});
	send({ kind: "ready" });
}
