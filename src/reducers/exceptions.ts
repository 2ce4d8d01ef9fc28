import { encodeUtf8 } from "../bytes/utf8.ts";
import { PyDict } from "../values/dict.ts";
import { PyException } from "../values/exceptions.ts";
import type { PyValue } from "../values/value.ts";
import { refuse } from "./arguments.ts";
import type { EncodeContext, Reducer } from "./reducer.ts";

/** Python's own exceptions, those of Python 2 among them. */
const types = `
	ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError
	BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError
	ConnectionResetError DeprecationWarning EOFError EncodingWarning EnvironmentError Exception ExceptionGroup
	FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning
	IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
	ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError PendingDeprecationWarning
	PermissionError ProcessLookupError PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError
	RuntimeWarning StandardError StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError
	TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError
	UnicodeWarning UserWarning ValueError Warning ZeroDivisionError`;

const names = types.trim().split(/\s+/);

/** `ValueError(*args)`, whose state is a dict of attributes. */
const exception: Reducer<PyException> = {
	name: "builtins.BaseException",
	aliases: ["builtins", "exceptions", "__builtin__"].flatMap((module) => names.map((name) => `${module}.${name}`)),
	takesBytes: true,
	create: ({ callable, args, kwargs }, context) => {
		if (kwargs !== undefined && kwargs.size > 0) throw refuse("an exception takes no keyword arguments here");
		const { name } = callable;
		if (name !== "UnicodeDecodeError" || args.length !== 5)
			return new PyException(name, context.keep(args) as PyValue[]);
		const kept = args.map((arg, place) => (place === 1 ? context.bytes(arg) : context.keep(arg)));
		return new PyException(name, context.tuple(kept));
	},
	setState: (made, state, context) => {
		if (state !== null && !(state instanceof PyDict)) throw refuse("the state of an exception is a dict of attributes");
		made.attributes = context.keep(state) as PyDict | null;
	},
	types: [PyException],
	reduce: ({ type, args, attributes }, context) => ({
		callable: context.global("builtins", type),
		args: context.python === 2 ? withStrs(type, args, context) : args,
		state: attributes ?? undefined,
	}),
};

/** Which arguments Python 2 wants as str: the codec's name and the reason. */
const strs: Partial<Record<string, readonly number[]>> = {
	UnicodeDecodeError: [0, 4],
	UnicodeEncodeError: [0, 4],
	UnicodeTranslateError: [3],
};

function withStrs(type: string, args: readonly PyValue[], context: EncodeContext): readonly PyValue[] {
	const places = strs[type] ?? [];
	const str = (text: string) => (/^[\0-\x7f]*$/.test(text) ? context.text(text) : encodeUtf8(text));
	return args.map((arg, place) => (places.includes(place) && typeof arg === "string" ? str(arg) : arg));
}

/** The exceptions of Python's module builtins, in Python 2 exceptions. */
export const exceptionReducers: readonly Reducer[] = [exception];
