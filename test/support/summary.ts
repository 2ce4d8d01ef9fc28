import { itemsOf, type Tag } from "./tags.ts";

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

/** The classes and functions of the inert objects in what picklet decoded, `copyreg`'s helpers aside. */
export function inertNames(found: Tag): Set<string> {
	const names = new Set<string>();
	JSON.stringify(found, (_key, value) => {
		const { t, typed, module, name, args } = (value ?? {}) as Tag;
		if (typed !== undefined) return { ...value, callable: undefined };
		if (t !== "inert") return value;
		const [made] = module === "copyreg" && args ? itemsOf(args) : [];
		names.add(made === undefined ? `${module}.${name}` : `${made.module}.${made.name}`);
		return value;
	});
	return names;
}

/** Whether what picklet decoded holds an object that no reducer knows. One that a reducer made says its class as `typed`. */
export function holdsInert(found: Tag): boolean {
	return /"t":"inert",(?!"typed")/.test(JSON.stringify(found));
}
