import type { PyDict } from "../values/dict.ts";
import { PyGlobal, PyObject } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { refuse } from "./arguments.ts";
import type { CreateCall, DecodeContext, Reducer } from "./reducer.ts";

type ArgumentsOf = (args: readonly PyValue[], context: DecodeContext) => [args: PyValue, kwargs?: PyValue];

/**
 * A helper of copyreg that makes an object of the class in its first argument. Where a reducer claims the class, that makes
 * it; else the call stays as it is.
 */
function helper(name: string, argumentsOf: ArgumentsOf): Reducer {
	return {
		name: `copyreg.${name}`,
		aliases: [`copy_reg.${name}`],
		takesBytes: true,
		create: (call, context) => {
			const [made] = call.args;
			const inner = made instanceof PyGlobal && context.resolve(String(made)) ? argumentsOf(call.args, context) : undefined;
			if (inner !== undefined) return context.create("new", made as PyGlobal, ...inner);
			return inert(name, call, context);
		},
	};
}

function inert(name: string, { args, kwargs }: CreateCall, context: DecodeContext): PyObject {
	if (args.length === 0) throw refuse(`copyreg.${name} needs a class`);
	context.keep(args);
	return new PyObject("call", context.global("copyreg", name), args, kwargs as PyDict | undefined);
}

/** `(cls, base, state)`: `base.__new__(cls, state)`, without state if the base is object. */
const reconstructor = helper("_reconstructor", (args, context) => {
	const [, base, state] = args;
	if (args.length !== 3) throw refuse(`copyreg._reconstructor takes 3 arguments, not ${args.length}`);
	return [context.tuple(base instanceof PyGlobal && base.name === "object" ? [] : [state as PyValue])];
});

/** `(cls, *args)`. */
const newobj = helper("__newobj__", (args, context) => [context.tuple(args.slice(1))]);

/** `(cls, args, kwargs)`. */
const newobjEx = helper("__newobj_ex__", (args) => [args[1] as PyValue, args[2] as PyValue]);

/** Python's module copyreg. */
export const copyregReducers: readonly Reducer[] = [reconstructor, newobj, newobjEx];
