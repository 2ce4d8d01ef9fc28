import { PyDecimal } from "../values/decimal.ts";
import { PyObject } from "../values/objects.ts";
import { positional } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

/** `Decimal('1.10')`. Made of something else, or with an exponent of more than 400 digits, it stays a call. */
const decimal: Reducer<PyDecimal | PyObject> = {
	name: "decimal.Decimal",
	aliases: ["_decimal.Decimal", "_pydecimal.Decimal"],
	create: (call, context) => {
		const [value] = positional(call, "Decimal", 0, 1);
		if (value === undefined) return new PyDecimal(0, "0", 0);
		const written = context.text(value);
		if (written === undefined || /[eE][-+]?\d{401}/.test(written))
			return new PyObject(call.kind, call.callable, call.args);
		context.charge(written.length / 8);
		return PyDecimal.parse(written);
	},
	types: [PyDecimal],
	reduce: (value, { global, text: own }) => ({ callable: global("decimal", "Decimal"), args: [own(String(value))] }),
};

/** Python's module decimal. */
export const decimalReducers: readonly Reducer[] = [decimal];
