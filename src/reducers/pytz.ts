import type { PyValue } from "../values/value.ts";
import { PyPytzZone } from "../values/zones.ts";
import { positional, refuse, smallInteger, text } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

/** `pytz._UTC()` */
const pytzUtc: Reducer<PyPytzZone> = {
	name: "pytz._UTC",
	create: (call) => {
		positional(call, "pytz._UTC", 0, 0);
		return new PyPytzZone("UTC");
	},
};

const pytzFixed: Reducer<PyPytzZone> = {
	name: "pytz.FixedOffset",
	aliases: ["pytz._FixedOffset"],
	create: (call) => {
		const [minutes] = positional(call, "pytz.FixedOffset", 1, 1);
		return new PyPytzZone(null, 60 * smallInteger(minutes, -1439, 1439));
	},
};

/** The arguments as they came: in Python 2 zones share their names' strs. */
const pickled = new WeakMap<PyPytzZone, readonly PyValue[]>();

/** `pytz._p(name)`, or of a localized one `pytz._p(name, offset, summer time, abbreviation)`, in seconds. */
const pytzNamed: Reducer<PyPytzZone> = {
	name: "pytz._p",
	create: (call, context) => {
		const args = positional(call, "pytz._p", 1, 4);
		const name = text(args[0], context);
		if (args.length !== 1 && args.length !== 4)
			throw refuse("pytz._p takes a name, or a name, two offsets and an abbreviation");
		const [offset, dst] = args.slice(1, 3).map((arg) => smallInteger(arg, -86_400, 86_400));
		const zone = new PyPytzZone(name, offset, dst, args.length === 4 ? text(args[3], context) : undefined);
		pickled.set(zone, args);
		return zone;
	},
	types: [PyPytzZone],
	reduce: (zone, { global, text: own, python }) => {
		const { name, offset, dst, abbreviation } = zone;
		if (name === null) return { callable: global("pytz", "FixedOffset"), args: [(offset ?? 0) / 60] };
		const given = pickled.get(zone);
		if (given !== undefined && (python === 2 || typeof given[0] === "string"))
			return { callable: global("pytz", "_p"), args: given };
		if (name === "UTC" && offset === undefined) return { callable: global("pytz", "_UTC"), args: [] };
		const str = (value: string) => (python === 2 ? own(value) : value);
		const localized = offset === undefined ? [] : [offset, dst ?? 0, str(abbreviation ?? "")];
		return { callable: global("pytz", "_p"), args: [str(name), ...localized] };
	},
};

/** The zones of pytz. */
export const pytzReducers: readonly Reducer[] = [pytzUtc, pytzFixed, pytzNamed];
