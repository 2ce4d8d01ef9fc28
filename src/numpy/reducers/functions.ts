import { positional, refuse } from "../../reducers/arguments.ts";
import type { DecodeContext, Reducer } from "../../reducers/reducer.ts";
import { PyDict } from "../../values/dict.ts";
import { PyGlobal, PyObject } from "../../values/objects.ts";
import type { PyValue } from "../../values/value.ts";
import type { Mutable } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { reconstruct } from "./arrays.ts";
import { attributeCreators } from "./reduce.ts";

/** `_ufunc_reconstruct(module, name)`: the ufunc itself, by the name that all versions of numpy have for it. */
export const ufunc: Reducer<PyValue> = {
	name: "numpy.core._ufunc_reconstruct",
	aliases: ["numpy._core._ufunc_reconstruct"],
	takesBytes: true,
	create(call, context) {
		const [module, name] = positional(call, "_ufunc_reconstruct", 2, 2).map((part) => context.text(part));
		if (!module || !name) throw refuse("_ufunc_reconstruct takes the names of a module and a function");
		const isPublic = /^numpy\.(_?core|umath)\b/.test(module) && !name.startsWith("_");
		return context.global(isPublic ? "numpy" : module, name);
	},
};

/** dill's `_get_attr(_import_module(module), name)`: the class or function of that name. */
export const dillAttribute: Reducer<PyValue> = {
	name: "dill._dill._get_attr",
	aliases: ["dill.dill._get_attr"],
	takesBytes: true,
	create(call, context) {
		const [source, attribute] = positional(call, "_get_attr", 2, 2) as [PyValue, PyValue];
		const name = context.text(attribute);
		const module = moduleOf(source, context);
		if (module && name) return context.global(module, name);
		context.keep(call.args);
		return new PyObject("call", call.callable, call.args);
	},
};

/** dill's `_load_type("bytes")`: Python 3 has `bytes()` for the data of an array without items, below protocol 3. */
export const dillType: Reducer<PyValue> = {
	name: "dill._dill._load_type",
	aliases: ["dill.dill._load_type"],
	takesBytes: true,
	create(call, context) {
		const [name] = positional(call, "_load_type", 1, 1) as [PyValue];
		if (context.text(name) === "bytes") return context.global("builtins", "bytes");
		context.keep(call.args);
		return new PyObject("call", call.callable, call.args);
	},
};

/** The name of the module that dill imports. */
function moduleOf(source: PyValue, context: DecodeContext): string | undefined {
	if (!(source instanceof PyObject)) return undefined;
	const { callable, args } = source;
	const isImport =
		callable instanceof PyGlobal && /^dill\._?dill$/.test(callable.module) && callable.name === "_import_module";
	return isImport && args.length > 0 ? context.text(args[0] as PyValue) : undefined;
}

/** `_create_array(function, args, state, attributes)`, as dill writes arrays, and those of subclasses with their attributes. */
export const dillArray: Reducer<PyValue> = {
	name: "dill._dill._create_array",
	aliases: ["dill.dill._create_array"],
	takesBytes: true,
	create(call, context) {
		const [callable, args, state, attributes = null] = positional(call, "_create_array", 3, 4) as [
			PyValue,
			PyValue,
			PyValue,
			PyValue?,
		];
		const array: unknown = isReconstruct(callable, context) && context.create("call", callable, args);
		const hasAttributes = attributes instanceof PyDict && attributes.size > 0;
		if (!(array instanceof NDArray) || (hasAttributes && array.subclass === undefined)) {
			context.keep(call.args);
			return new PyObject("call", call.callable, call.args);
		}
		reconstruct.setState?.(array, state, context);
		if (hasAttributes) {
			(array as Mutable<NDArray>).attributes = context.keep(attributes) as PyDict;
			attributeCreators.set(attributes, call.callable);
		}
		return array;
	},
};

function isReconstruct(callable: PyValue, context: DecodeContext): boolean {
	return callable instanceof PyGlobal && context.resolve(String(callable)) === reconstruct;
}
