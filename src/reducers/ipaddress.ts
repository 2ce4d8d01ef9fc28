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

/** An address of an int, all others of text. */
const ip: Reducer<PyIp> = {
	name: "ipaddress.IPv4Address",
	aliases: ipTypes.map((type) => `ipaddress.${type}`),
	create: (call, context) => {
		const type = call.callable.name as IpType;
		const [given] = positional(call, type, 1, 1);
		return new PyIp(type, context.text(given as PyValue) ?? integer(given));
	},
	types: [PyIp],
	reduce: ({ type, given }, { global }) => ({
		callable: global("ipaddress", type),
		args: [typeof given === "string" ? given : safeInteger(given)],
	}),
};

/** Python's module ipaddress. */
export const ipaddressReducers: readonly Reducer[] = [ip];
