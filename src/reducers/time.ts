import { PyDict } from "../values/dict.ts";
import { PyStructTime } from "../values/records.ts";
import type { PyValue } from "../values/value.ts";
import { positional, refuse } from "./arguments.ts";
import { attributeDict, attributesOf } from "./objects.ts";
import type { Reducer } from "./reducer.ts";

/** `struct_time((nine items), {'tm_zone': ..., 'tm_gmtoff': ...})` */
const structTime: Reducer<PyStructTime> = {
	name: "time.struct_time",
	create: (call, context) => {
		const [items, more = new PyDict()] = positional(call, "struct_time", 1, 2);
		if (!Array.isArray(items) || items.length < 9 || items.length > 11) throw refuse("a struct_time has 9 to 11 items");
		const named = attributesOf(more, context);
		const left = ["tm_zone", "tm_gmtoff"].slice(items.length - 9);
		const unread = [...named.keys()].find((name) => !left.includes(name));
		if (unread !== undefined) throw refuse(`a struct_time of ${items.length} items takes no ${unread.slice(0, 40)}`);
		const [zone = named.get("tm_zone"), offset = named.get("tm_gmtoff")] = items.slice(9) as PyValue[];
		return new PyStructTime(context.tuple(items.slice(0, 9)), zone, offset);
	},
	types: [PyStructTime],
	reduce: ({ items, zone, offset }, context) => {
		const named: [string, PyValue][] = [];
		if (zone !== undefined) named.push(["tm_zone", zone]);
		if (offset !== undefined) named.push(["tm_gmtoff", offset]);
		return {
			callable: context.global("time", "struct_time"),
			args: [context.tuple(...items), attributeDict(named, context)],
		};
	},
};

/** Python's module time. */
export const timeReducers: readonly Reducer[] = [structTime];
