import { type IpType, PyIp } from "../values/identifiers.ts";
import type { PyValue } from "../values/value.ts";
import { integer, positional, safeInteger } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

const ipTypes: readonly IpType[] = [
	"IPv4Address",
	"IPv6Address",
	"IPv4Network",
	"IPv6Network",
	"IPv4Interface",
	"IPv6Interface",
];

/** Python's module ipaddress. */
export const ipaddressReducers: readonly Reducer[] = ipTypes.map(
	(type): Reducer<PyIp> => ({
		name: `ipaddress.${type}`,
		create: (call, context) => {
			const [given] = positional(call, type, 1, 1);
			return new PyIp(type, context.text(given as PyValue) ?? integer(given));
		},
		types: [PyIp],
		reduce: ({ type: made, given }, { global }) => ({
			callable: global("ipaddress", made),
			args: [typeof given === "string" ? given : safeInteger(given)],
		}),
	}),
);
