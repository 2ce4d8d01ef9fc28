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

function setDateutilState(zone: PyDateutilZone, state: PyValue, context: DecodeContext): void {
	if (state === null) return;
	const attributes = attributesOf(state, context);
	const name = attributes.get("_name") ?? attributes.get("_filename") ?? attributes.get("_s");
	const offset = attributes.get("_offset");
	zone.state = state;
	if (name !== undefined && name !== null) zone.name = text(name, context);
	if (zone.type === "tzoffset" && offset instanceof PyTimeDelta) zone.offset = offset;
}

const dateutil: Reducer<PyDateutilZone> = {
	name: "dateutil.tz.tz.tzutc",
	aliases: Object.entries(dateutilTypes).flatMap(([module, types]) => types.map((type) => `${module}.${type}`)),
	// Made by copyreg, all but tzfile get a bare tzinfo, which says nothing.
	create: (call) => {
		const { module, name } = call.callable;
		return new PyDateutilZone(module, name, name === "tzfile" ? positional(call, name, 0, 2) : []);
	},
	setState: setDateutilState,
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
export const dateutilReducers: readonly Reducer[] = [dateutil];
