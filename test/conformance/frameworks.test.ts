import { afterAll, describe, expect, it } from "vitest";
import { type DecodeOptions, decode } from "../../src/index.ts";
import { compareTags } from "../support/compareTags.ts";
import { describe as describeValue } from "../support/describe.ts";
import { environmentsIn, type FrameworkFile, frameworkFiles } from "../support/frameworks.ts";
import { sharedFolder } from "../support/shared.ts";
import { holdsInert, inertNames, Summary } from "../support/summary.ts";
import type { Tag } from "../support/tags.ts";

const folder = sharedFolder("frameworks");
const families = ["numpy", "numpy-oob", "stdlib"];
/** The environments whose names tell a numpy have files of these families, each more than so many. */
const environments = folder === undefined ? [] : environmentsIn(folder).filter((name) => /-np\d+$/.test(name));
const FEWEST_FILES = 800;

/** What numpy pickles as plain objects of its classes, and, once dill was imported, by the names of dill's functions. */
const inertOfNumpy = /^(finfo|vectorize|poly1d|poly_\w+|ndindex_flatiter)$/;

/** Structured arrays with room between their fields, where numpy leaves after reading what lay in memory. */
const padded = /^struct_(offsets_gap|field_view)$/;

/** Whether the environment's own Python reads it wrong: numpy 1.11 loses the unit of times when it swaps their bytes. */
function isMisread({ environment, case: name }: FrameworkFile): boolean {
	return environment === "py36-np111" && name === "M8_big_endian";
}

/** What the standard library's own classes are called of which no object may be inert; those of applications are. */
const typed = new RegExp(
	`^(${[
		"datetime\\.(date|time|datetime|timedelta|timezone)",
		"(zoneinfo|pytz|dateutil|decimal|fractions|uuid|pathlib|ipaddress|collections|array|operator|random)\\..*",
		"types\\.SimpleNamespace",
		"functools\\.partial",
		"re\\._compile",
		"time\\.struct_time",
		"builtins\\.(complex|range|slice|bytearray|set|frozenset|\\w+(Error|Warning|Exception|ExceptionGroup))",
	].join("|")})$`,
);
/** A class of decimal's that is no number. */
const untypable = "decimal.Context";

const summary = new Summary();

/** What differs from what Python loads, by the default encoding and, if Python 2 wrote the file, by two others. */
function differences(file: FrameworkFile): string[] {
	const python2 = file.environment.startsWith("py27");
	const encodings = ["auto", ...(python2 ? (["latin1", "bytes"] as const) : [])] as const;
	const row = `${file.family} ${file.environment}`;
	const isTyped = file.family.startsWith("numpy") && !inertOfNumpy.test(file.case);
	return encodings.flatMap((encoding) => {
		const found = describeValue(decode(file.data, { encoding, floats: "exact", buffers: file.buffers }));
		const different = isMisread(file)
			? []
			: [...differencesTo(file, found, encoding, python2), ...untyped(file, found)];
		if (encoding === "auto") {
			if (isMisread(file)) summary.count(row, "misread");
			else summary.count(row, different.length > 0 ? "different" : holdsInert(found) ? "inert" : "equal");
		}
		if (isTyped && holdsInert(found)) different.push("holds an inert object");
		return different.map((text) => `${file.environment} ${file.name} (${encoding}) ${text}`);
	});
}

/** Objects of the standard library's classes that no reducer claimed. */
function untyped({ family }: FrameworkFile, found: Tag): string[] {
	if (family !== "stdlib") return [];
	const names = [...inertNames(found)].filter((name) => typed.test(name) && name !== untypable);
	return names.map((name) => `an inert ${name}`);
}

function differencesTo(
	file: FrameworkFile,
	found: Tag,
	encoding: DecodeOptions["encoding"],
	python2: boolean,
): string[] {
	const wanted = padded.test(file.case) ? file.siblings : [file.expected];
	const different = wanted.map((expected) => compareTags(found, expected, { encoding, unordered: python2 }));
	return different.find((texts) => texts.length === 0) ?? (different[0] as string[]);
}

describe.skipIf(folder === undefined)("the pickles of real frameworks", () => {
	it.each(environments)("of %s hold what its Python loads", (environment) => {
		const files = [...frameworkFiles(folder as string, environment, families)];
		expect(files.flatMap(differences)).toEqual([]);
		expect(files.length).toBeGreaterThan(FEWEST_FILES);
	});

	afterAll(() => summary.print());
});
