import { PyObject } from "../values/objects.ts";
import { PyZoneInfo } from "../values/zones.ts";
import { positional, smallInteger, text } from "./arguments.ts";
import { unencodable } from "./objects.ts";
import type { Reducer } from "./reducer.ts";

/** `ZoneInfo._unpickle(key, from_cache)`, named by getattr. */
const zoneInfo: Reducer<PyZoneInfo> = {
	name: "zoneinfo.ZoneInfo._unpickle",
	create: (call, context) => {
		const [key, cached] = positional(call, "ZoneInfo._unpickle", 2, 2);
		return new PyZoneInfo(text(key, context), smallInteger(cached, 0, 1) === 1);
	},
	types: [PyZoneInfo],
	reduce: ({ key, cached }, context) => {
		if (context.python === 2) throw unencodable("a zoneinfo.ZoneInfo, which Python 2 does not have");
		const method = context.tuple(context.global("zoneinfo", "ZoneInfo"), context.text("_unpickle"));
		const callable = new PyObject("call", context.global("builtins", "getattr"), method);
		return { callable, args: [key, cached ? 1 : 0] };
	},
};

/** Python's module zoneinfo. */
export const zoneinfoReducers: readonly Reducer[] = [zoneInfo];
