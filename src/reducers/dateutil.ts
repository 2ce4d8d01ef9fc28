import { PyGlobal, PyObject } from "../values/objects.ts";
import { PyTimeDelta } from "../values/timedelta.ts";
import type { PyValue } from "../values/value.ts";
import { PyDateutilZone } from "../values/zones.ts";
import { positional, refuse, text } from "./arguments.ts";
import { attributesOf, plainObject } from "./objects.ts";
import type { CreateCall, DecodeContext, Reducer } from "./reducer.ts";

/** The classes of dateutil, and how many arguments their calls take. */
const arities: Readonly<Record<string, readonly [least: number, most: number]>> = {
	tzutc: [0, 0],
	tzoffset: [2, 2],
	tzlocal: [0, 0],
	tzfile: [0, 2],
	tzstr: [1, 2],
	tzrange: [1, 6],
};

/** The modules that they have been in. */
const modules: Readonly<Record<string, readonly string[]>> = {
	"dateutil.tz.tz": Object.keys(arities),
	"dateutil.tz": Object.keys(arities),
	"dateutil.tz._tzfile": ["tzfile"],
	"dateutil.zoneinfo": ["tzfile"],
};

/** Zones that were made by `__new__` alone, as copyreg does, even if no state followed. */
const bare = new WeakSet<PyDateutilZone>();

function make(call: CreateCall, context: DecodeContext): PyDateutilZone {
	const { module, name } = call.callable;
	if (call.kind === "new") {
		if (!saysNothing(positional(call, name, 0, 1))) throw refuse(`${name}.__new__ takes no arguments`);
		const zone = new PyDateutilZone(module, name);
		bare.add(zone);
		return zone;
	}
	const args = positional(call, name, ...(arities[name] as readonly [number, number]));
	const zone = new PyDateutilZone(module, name, args);
	const [first = null] = args;
	if (name !== "tzfile" && first !== null) PyDateutilZone.rename(zone, text(first, context));
	return zone;
}

/** Below protocol 2 copyreg gives `__new__` a bare tzinfo. */
function saysNothing(args: readonly PyValue[]): boolean {
	return args.every(
		(arg) => arg instanceof PyObject && isNamed(arg.callable, "datetime.tzinfo") && arg.args.length === 0,
	);
}

function isNamed(value: PyValue | undefined, name: string): boolean {
	return value instanceof PyGlobal && String(value) === name;
}

function setDateutilState(zone: PyDateutilZone, state: PyValue, context: DecodeContext): void {
	if (state === null) return;
	const attributes = attributesOf(state, context);
	const name = attributes.get("_name") ?? attributes.get("_filename") ?? attributes.get("_s");
	const offset = attributes.get("_offset");
	zone.state = state;
	if (name !== undefined && name !== null) PyDateutilZone.rename(zone, text(name, context));
	if (zone.type === "tzoffset" && offset instanceof PyTimeDelta) PyDateutilZone.move(zone, offset);
}

const dateutil: Reducer<PyDateutilZone> = {
	name: "dateutil.tz.tz.tzutc",
	aliases: Object.entries(modules).flatMap(([module, types]) => types.map((type) => `${module}.${type}`)),
	create: make,
	setState: setDateutilState,
	types: [PyDateutilZone],
	reduce: (zone, context) => {
		const { module, type, args, state } = zone;
		const { global, protocol } = context;
		if (isUnpickled(zone))
			return { callable: global(module, "_unpickle"), args: [global(module, type), ...args], state };
		const isBare = bare.has(zone) || (args.length === 0 && state !== undefined);
		if (!isBare) return { callable: global(module, type), args, state };
		if (protocol >= 2) return plainObject([module, type], context, { state });
		const tzinfo = global("datetime", "tzinfo");
		const object = new PyObject("call", tzinfo, context.tuple());
		return { callable: global("copyreg", "_reconstructor"), args: [global(module, type), tzinfo, object], state };
	},
};

const TZFILE = "dateutil.tz._tzfile";

/** What `_unpickle` made: its key, its file's name, and what was read of that. */
function isUnpickled({ module, args }: PyDateutilZone): boolean {
	return module === TZFILE && args.length === 3;
}

/** `_unpickle(tzfile, key, filename, data)`, since dateutil 3. Of another class it stays a call. */
const unpickle: Reducer<PyDateutilZone | PyObject> = {
	name: `${TZFILE}._unpickle`,
	create: (call, context) => {
		const [type, ...args] = positional(call, "_unpickle", 4, 4);
		const [key, filename, data] = args;
		const isPlain = [key, filename].every((name) => name === null || typeof name === "string") && Array.isArray(data);
		if (!isPlain || !isNamed(type, `${TZFILE}.tzfile`)) return new PyObject(call.kind, call.callable, call.args);
		return new PyDateutilZone(TZFILE, "tzfile", context.tuple(args));
	},
	setState: (zone, state) => {
		(zone as PyDateutilZone).state = state;
	},
};

/** The zones of dateutil. */
export const dateutilReducers: readonly Reducer[] = [dateutil, unpickle];
