import type { Tag } from "./tags.ts";

/**
 * How a file compares: all its types are read; some are inert objects of the right parts; it is the same to the byte; Python
 * reads it wrong; it is known to differ; it differs.
 */
type Outcome = "equal" | "inert" | "identical" | "misread" | "excepted" | "different";

/** Counts files by outcome, a row for each sort of them. */
export class Summary {
	readonly #rows = new Map<string, { files: number } & Partial<Record<Outcome, number>>>();

	/** All that were counted. */
	get files(): number {
		return [...this.#rows.values()].reduce((sum, { files }) => sum + files, 0);
	}

	count(row: string, outcome: Outcome): void {
		const counts = this.#rows.get(row) ?? { files: 0, equal: 0, different: 0 };
		this.#rows.set(row, counts);
		counts.files++;
		counts[outcome] = (counts[outcome] ?? 0) + 1;
	}

	print(): void {
		console.table(Object.fromEntries(this.#rows));
	}
}

/** Whether what picklet decoded holds an object that no reducer knows. */
export function holdsInert(found: Tag): boolean {
	return JSON.stringify(found).includes('"t":"inert"');
}
