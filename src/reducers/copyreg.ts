import type { PyDict } from "../values/dict.ts";
import { PyGlobal, PyObject } from "../values/objects.ts";
import type { PyValue } from "../values/value.ts";
import { refuse } from "./arguments.ts";
import type { CreateCall, DecodeContext, Reducer } from "./reducer.ts";

type Making = [kind: "call" | "new", args: PyValue, kwargs?: PyValue];
type MakingOf = (args: readonly PyValue[], context: DecodeContext) => Making | undefined;

/**
 * A helper of copyreg that makes an object of the class in its first argument. Where a reducer claims the class, that makes
 * it; else the call stays as it is.
 */
function helper(name: string, makingOf: MakingOf): Reducer {
	return {
		name: `copyreg.${name}`,
		aliases: [`copy_reg.${name}`],
		takesBytes: true,
		create: (call, context) => {
			const [made] = call.args;
			// A helper that makes a helper is nothing that Python writes, and would be a recursion.
			const isClaimed = made instanceof PyGlobal && !/^copy_?reg$/.test(made.module) && context.resolve(String(made));
			if (!isClaimed) return inert(name, call, context);
			const making = makingOf(call.args, context);
			return making ? context.create(making[0], made, making[1], making[2]) : inert(name, call, context);
		},
	};
}

function inert(name: string, { args, kwargs }: CreateCall, context: DecodeContext): PyObject {
	if (args.length === 0) throw refuse(`copyreg.${name} needs a class`);
	context.keep(args);
	return new PyObject("call", context.global("copyreg", name), args, kwargs as PyDict | undefined);
}

/**
 * `(cls, base, state)`: `base.__new__(cls, state)` and then the base's `__init__`, which is a call where the class is the
 * base itself; without state, and that, if the base is object. With one that object leaves unread it stays as it is.
 */
const reconstructor = helper("_reconstructor", (args, context) => {
	const [made, base, state] = args;
	if (args.length !== 3) throw refuse(`copyreg._reconstructor takes 3 arguments, not ${args.length}`);
	// dill names object by a call.
	const isPlain = base instanceof PyGlobal ? base.name === "object" : state === null;
	if (isPlain) return state === null ? ["new", context.tuple([])] : undefined;
	return [made === base ? "call" : "new", context.tuple([state as PyValue])];
});

/** `(cls, *args)`. */
const newobj = helper("__newobj__", (args, context) => ["new", context.tuple(args.slice(1))]);

/** `(cls, args, kwargs)`. */
const newobjEx = helper("__newobj_ex__", (args) => {
	if (args.length !== 3) throw refuse(`copyreg.__newobj_ex__ takes 3 arguments, not ${args.length}`);
	return ["new", args[1] as PyValue, args[2] as PyValue];
});

/** Python's module copyreg. */
export const copyregReducers: readonly Reducer[] = [reconstructor, newobj, newobjEx];
