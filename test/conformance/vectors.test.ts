import { beforeAll, describe, expect, it } from "vitest";
import { decodeFirst, isPickleError, type PickleError, PyObject, type PyValue } from "../../src/index.ts";
import { pyodide } from "../oracles/pyodide.ts";
import { compareTags } from "../support/compareTags.ts";
import { describe as describeValue } from "../support/describe.ts";
import { ANYTHING, matchesRepr, pythonRepr } from "../support/pythonRepr.ts";
import { sharedFolder } from "../support/shared.ts";
import { readVectors, type Vector } from "../support/vectors.ts";

const file = sharedFolder("corpus/cpython-vectors.jsonl.gz");

/** What picklet made of a vector. */
interface Read {
	readonly vector: Vector;
	readonly value?: PyValue;
	readonly error?: PickleError;
}

/** Why the outcome, or the value, may be another than Python's: what the vector does not hold, or a class's own code. */
const exceptions: readonly (readonly [reason: string, applies: (read: Read) => boolean])[] = [
	[
		"buffers were given, which the vectors do not hold",
		({ vector, error }) => vector.accepted && error?.code === "E_BUFFER",
	],
	["NEWOBJ_EX of a function, which only its module can tell", isTest("test_bad_newobj_ex")],
	["its __setstate__ is None", isTest("test_pickle_setstate_None")],
	["its __setstate__ warned, which was an error there", isTest("test_cycle_unpickle_compat")],
	["its class refused the arguments", isTest("test_subclasses_without_direct_pickle_support")],
	[
		"its keys have an __eq__ and __hash__ of their own",
		({ vector }) => vector.text.startsWith("{<test.pickletester.Bad object"),
	],
];

const MOST_EXCEPTIONS = 60;

/** What the judge in pyodide, for which all but a few classes are inert, cannot say of a value. */
const judgeCannotSay: readonly (readonly [why: string, difference: RegExp])[] = [
	[
		"getattr of a builtin class stays a call there",
		/Python has \{"t":"inert","kind":"call","module":"builtins","name":"getattr"/,
	],
	["a class that is real there refuses what is inert", /_offset|SafeUUID|bad tzinfo state|is not a subtype of array/],
	[
		"Python 3 wants text for Python 2's str, read as bytes",
		/must be (a unicode character|str), not bytes|from bytes to Decimal/,
	],
];

function isTest(name: string): (read: Read) => boolean {
	return ({ vector }) => !vector.accepted && vector.tests.some((test) => test.endsWith(`.${name}`));
}

function read(vector: Vector): Read {
	try {
		return { vector, value: decodeFirst(vector.bytes, vector.options).value };
	} catch (error) {
		if (isPickleError(error)) return { vector, error };
		throw error;
	}
}

function isException(read: Read): boolean {
	return exceptions.some(([, applies]) => applies(read));
}

function outcomeText({ vector, error }: Read): string {
	const python = `Python ${vector.python} says ${vector.type}: ${vector.text.slice(0, 100)}`;
	return `vector ${vector.number} (${vector.tests[0]}): ${error ? error.message : "accepted"}; ${python}`;
}

/** Types whose repr says the value, by their names in both Pythons; of a class or function it says the name. */
const scalars =
	"NoneType bool int long float complex str unicode bytes bytearray ellipsis NotImplementedType range xrange slice";
const types = `${scalars} tuple list dict set frozenset type function builtin_function_or_method`.split(" ");

function isBuiltin(type: string): boolean {
	return /^(builtins|__builtin__)\./.test(type);
}

function saysValue({ type, text }: Vector): boolean {
	return isBuiltin(type) && types.includes(type.slice(type.indexOf(".") + 1)) && text !== "<large>";
}

describe.skipIf(file === undefined)("the vectors of CPython's own tests", () => {
	let reads: readonly Read[] = [];
	let agreeing: readonly Required<Pick<Read, "vector" | "value">>[] = [];

	beforeAll(() => {
		reads = readVectors(file as string).map(read);
		agreeing = reads.flatMap((found) => {
			const { vector, value } = found;
			return vector.accepted && value !== undefined && !isException(found) ? [{ vector, value }] : [];
		});
	});

	it("are accepted or refused as the newest Python did", () => {
		const differing = reads.filter(({ vector, error }) => vector.accepted === (error !== undefined));
		expect(reads).toHaveLength(6865);
		expect(differing.filter((found) => !isException(found)).map(outcomeText)).toEqual([]);
	});

	it(`have at most ${MOST_EXCEPTIONS} exceptions, each for a reason`, () => {
		const counts = exceptions.map(([reason, applies]) => [reason, reads.filter(applies).length] as const);
		console.log(`Exceptions among ${reads.length} vectors:`, Object.fromEntries(counts));
		expect(counts.filter(([, count]) => count === 0)).toEqual([]);
		expect(counts.reduce((sum, [, count]) => sum + count, 0)).toBeLessThanOrEqual(MOST_EXCEPTIONS);
	});

	it("have the value that Python wrote, where its type is a builtin one", () => {
		const compared = agreeing.filter(({ vector }) => saysValue(vector));
		const differing = compared.flatMap(({ vector, value }) => {
			// Paths of Python itself were shortened when the vectors were written down.
			const repr = pythonRepr(value, vector.dialect).replaceAll(/'[^']*\/versions\/([\d.]+\/)/g, "'python-$1");
			const isKnown = repr !== ANYTHING || /type|function/.test(vector.type);
			return isKnown && matchesRepr(repr, vector.text, vector.dialect)
				? []
				: [`vector ${vector.number}: ${repr.slice(0, 200)}, Python: ${vector.text.slice(0, 200)}`];
		});
		expect(differing).toEqual([]);
		expect(compared.length).toBeGreaterThan(1500);
	});

	it("are of the class that Python says, where the pickle names it", () => {
		const made = agreeing.flatMap(({ vector, value }) => {
			const named = value instanceof PyObject && value.kind !== "call" ? value.class : undefined;
			return named && !isBuiltin(vector.type) ? [{ vector, last: named.name.split(".").at(-1) as string }] : [];
		});
		const differing = made.filter(({ vector, last }) => !vector.type.endsWith(`.${last}`));
		expect(differing.map(({ vector, last }) => `vector ${vector.number}: ${last}, Python: ${vector.type}`)).toEqual([]);
		expect(made.length).toBeGreaterThan(380);
	});

	it("have the parts that CPython loads in pyodide, where every class is inert", async () => {
		const judge = await pyodide();
		const differing: string[] = [];
		for (const { vector, value } of agreeing) {
			const { encoding = "ascii", extensions, persistentLoad } = vector.options;
			if (persistentLoad !== undefined) continue;
			const python = ({ ascii: "ASCII", latin1: "latin1", bytes: "bytes" } as const)[encoding as "ascii"];
			const loaded = await judge.loads(vector.bytes, {
				encoding: python,
				extensions: Object.fromEntries(extensions ?? []),
			});
			const again =
				vector.dialect === 3 ? value : decodeFirst(vector.bytes, { ...vector.options, fixImports: true }).value;
			const found = loaded.value
				? compareTags(describeValue(again), loaded.value, { encoding, floats: "exact" })
				: [loaded.error];
			if (found.length > 0) differing.push(`vector ${vector.number}: ${found.slice(0, 2).join("; ")}`);
		}
		const left = differing.filter((text) => !judgeCannotSay.some(([, difference]) => difference.test(text)));
		expect(left).toEqual([]);
		expect(differing.length).toBeLessThan(150);
	}, 120_000);
});
