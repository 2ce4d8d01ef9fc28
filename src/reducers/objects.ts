import { PickleError } from "../errors.ts";
import { PyGetter, PyPartial } from "../values/callables.ts";
import { PyDict } from "../values/dict.ts";
import { PyGlobal, PyObject } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { refuse } from "./arguments.ts";
import type { DecodeContext, EncodeContext, Reduction } from "./reducer.ts";

/** The attributes of a state: a dict, or a pair of dict and slots. @throws PickleError E_REDUCER for another form */
export function attributesOf(state: PyValue, context: DecodeContext): Map<string, PyValue> {
	const parts = Array.isArray(state) && state.length === 2 ? state : [state];
	const attributes = new Map<string, PyValue>();
	for (const part of parts) {
		if (part === null) continue;
		if (!(part instanceof PyDict)) throw refuse("a state is to be a dict of attributes");
		context.charge(part.size);
		for (const [name, value] of part) {
			const text = context.text(name);
			if (text === undefined) throw refuse("the name of an attribute is to be a str");
			attributes.set(text, value);
		}
	}
	return attributes;
}

/** A dict of attributes whose names are the class's own: str in either Python. */
export function attributeDict(attributes: Iterable<readonly [string, PyValue]>, context: EncodeContext): PyDict {
	const dict = new PyDict();
	for (const [name, value] of attributes) dict.set(context.python === 2 ? context.text(name) : name, value);
	return dict;
}

/** How Python's `object.__reduce_ex__` makes an object: NEWOBJ, or below protocol 2 `copyreg._reconstructor`. */
export function plainObject(
	[module, name]: readonly [module: string, name: string],
	context: EncodeContext,
	parts: { readonly args?: readonly PyValue[]; readonly state?: PyValue | undefined } = {},
): Reduction {
	const { global, protocol } = context;
	const [type, state] = [global(module, name), parts.state];
	if (protocol >= 2) return { kind: "new", callable: type, args: parts.args ?? [], state };
	return { callable: global("copyreg", "_reconstructor"), args: [type, global("builtins", "object"), null], state };
}

/** Whether Python could call it, as far as its type tells: a class, a function, or an object of a class that is not known here. */
export function isCallable(value: PyValue): boolean {
	return (
		value instanceof PyGlobal || value instanceof PyObject || value instanceof PyPartial || value instanceof PyGetter
	);
}

/** An error for a value that this Python has no form of. The machine adds the path. */
export function unencodable(reason: string): PickleError {
	return new PickleError("E_UNENCODABLE", reason);
}
