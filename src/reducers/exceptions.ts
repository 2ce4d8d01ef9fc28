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
		const made = new PyException(name, context.keep(args) as PyValue[]);
		const [, object] = made.args;
		if (name === "UnicodeDecodeError" && typeof object === "string")
			objects.set(made, { text: object, bytes: context.bytes(args[1] as PyValue) });
		return made;
	},
	setState: (made, state, context) => {
		if (state !== null && !(state instanceof PyDict)) throw refuse("the state of an exception is a dict of attributes");
		made.attributes = context.keep(state) as PyDict | null;
	},
	types: [PyException],
	reduce: (made, context) => ({
		callable: context.global("builtins", made.type),
		args: context.python === 2 ? withStrs(made, context) : made.args,
		state: made.attributes ?? undefined,
	}),
};

/** The bytes that could not be decoded, where `encoding` made text of them. */
const objects = new WeakMap<PyException, { readonly text: string; readonly bytes: Uint8Array }>();

/** Which arguments Python 2 wants as str: the codec's name, the bytes and the reason. */
const strs: Partial<Record<string, readonly number[]>> = {
	UnicodeDecodeError: [0, 1, 4],
	UnicodeEncodeError: [0, 4],
	UnicodeTranslateError: [3],
};

function withStrs(made: PyException, context: EncodeContext): readonly PyValue[] {
	const { type, args } = made;
	const places = strs[type] ?? [];
	const object = objects.get(made);
	const str = (text: string) => (/^[\0-\x7f]*$/.test(text) ? context.text(text) : encodeUtf8(text));
	return args.map((arg, place) => {
		if (!places.includes(place) || typeof arg !== "string") return arg;
		return place === 1 && arg === object?.text ? object.bytes : str(arg);
	});
}

/** The exceptions of Python's module builtins, in Python 2 exceptions. */
export const exceptionReducers: readonly Reducer[] = [exception];
