import { PyObject } from "../values/objects.ts";
import { PyTimeDelta } from "../values/timedelta.ts";
import type { PyValue } from "../values/value.ts";
import { PyDateutilZone } from "../values/zones.ts";
import { positional, text } from "./arguments.ts";
import { attributesOf, plainObject } from "./objects.ts";
import type { DecodeContext, Reducer } from "./reducer.ts";

/** The classes of dateutil, by the modules that they have been in. */
const dateutilTypes: Readonly<Record<string, readonly string[]>> = {
	"dateutil.tz.tz": ["tzutc", "tzoffset", "tzlocal", "tzfile", "tzstr", "tzrange"],
	"dateutil.tz": ["tzutc", "tzoffset", "tzlocal", "tzfile", "tzstr", "tzrange"],
	"dateutil.zoneinfo": ["tzfile"],
};

function dateutilZone(module: string, type: string): Reducer<PyDateutilZone> {
	return {
		name: `${module}.${type}`,
		// Made by copyreg, the others get a bare tzinfo, which says nothing.
		create: (call) => new PyDateutilZone(module, type, type === "tzfile" ? positional(call, type, 0, 2) : []),
		setState: (zone, state, context) => setDateutilState(zone, state, context),
	};
}

function setDateutilState(zone: PyDateutilZone, state: PyValue, context: DecodeContext): void {
	if (state === null) return;
	const attributes = attributesOf(state, context);
	const name = attributes.get("_name") ?? attributes.get("_filename") ?? attributes.get("_s");
	const offset = attributes.get("_offset");
	zone.state = state;
	if (name !== undefined && name !== null) zone.name = text(name, context);
	if (zone.type === "tzoffset" && offset instanceof PyTimeDelta) zone.offset = offset;
}

/** Claims the zones of all of dateutil's modules. */
const dateutil: Reducer<PyDateutilZone> = {
	...dateutilZone("dateutil.tz.tz", "tzutc"),
	types: [PyDateutilZone],
	reduce: ({ module, type, args, state }, context) => {
		const { global, protocol } = context;
		if (args.length > 0) return { callable: global(module, type), args, state };
		if (protocol >= 2) return plainObject([module, type], context, { state });
		const tzinfo = global("datetime", "tzinfo");
		const bare = new PyObject("call", tzinfo, context.tuple());
		return { callable: global("copyreg", "_reconstructor"), args: [global(module, type), tzinfo, bare], state };
	},
};

/** The zones of dateutil. */
export const dateutilReducers: readonly Reducer[] = [
	...Object.entries(dateutilTypes).flatMap(([module, types]) => types.map((type) => dateutilZone(module, type))),
	dateutil,
];
