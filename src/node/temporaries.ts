import { rmSync } from "node:fs";

/** What ends a process that does not say otherwise. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Temporary files that are being written. */
const temporaries = new Set<string>();

/**
 * A file that is removed if a signal ends the process before `release` is called, which it does as ever: only where nobody
 * listens to it. Listens to signals no longer than that.
 *
 * @returns release
 */
export function removedOnSignal(path: string): () => void {
	// First of all: a listener for once is none any more when it was told.
	if (temporaries.size === 0) for (const signal of signals) process.prependListener(signal, end);
	temporaries.add(path);
	return () => {
		if (temporaries.delete(path) && temporaries.size === 0) stop();
	};
}

function stop(): void {
	for (const signal of signals) process.removeListener(signal, end);
}

function end(signal: NodeJS.Signals): void {
	if (process.listenerCount(signal) > 1) return;
	for (const path of temporaries) rmSync(path, { force: true });
	temporaries.clear();
	stop();
	process.kill(process.pid, signal);
}
