/** A version as far as it was said: `3`, `2.7`, `1.16.2`. */
export type Version = readonly [major: number, minor: number];

/** What a pickle is to be read by. */
export interface Target {
	readonly python?: Version;
	readonly numpy?: Version;
	readonly pandas?: Version;
}

/** Stands for the newest of a major version. */
const NEWEST = Number.POSITIVE_INFINITY;

const readers = ["python", "numpy", "pandas"] as const;

/** @throws TypeError for what names no readers with their versions */
export function parseTarget(text: string): Target {
	const target: Record<string, Version> = {};
	for (const part of text.split(",")) {
		const [, name = "", major = "", minor] =
			/^\s*([a-z]+)\s*(\d{1,4})(?:\.(\d{1,4}))?(?:\.\d{1,4})*\s*$/i.exec(part) ?? [];
		const reader = readers.find((each) => each === name.toLowerCase());
		if (reader === undefined || reader in target)
			throw new TypeError(
				`for is to name Python, numpy or pandas with a version, as in "python 2.7, numpy 1.16", not "${text}"`,
			);
		target[reader] = [Number(major), minor === undefined ? NEWEST : Number(minor)];
	}
	return target;
}

/** Whether a version is this one or a later one. */
export function isFrom([major, minor]: Version, firstMajor: number, firstMinor: number): boolean {
	return major > firstMajor || (major === firstMajor && minor >= firstMinor);
}

/** The highest protocol that the Python reads. */
export function protocolOf({ python }: Target): number {
	if (python === undefined) return 5;
	if (python[0] < 3) return 2;
	return isFrom(python, 3, 8) ? 5 : isFrom(python, 3, 4) ? 4 : 3;
}
