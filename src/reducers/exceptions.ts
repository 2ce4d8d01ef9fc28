import { PyDict } from "../values/dict.ts";
import { PyException } from "../values/exceptions.ts";
import { refuse } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

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
	create: ({ callable, args, kwargs }) => {
		if (kwargs !== undefined && kwargs.size > 0) throw refuse("an exception takes no keyword arguments here");
		return new PyException(callable.name, args);
	},
	setState: (made, state) => {
		if (state !== null && !(state instanceof PyDict)) throw refuse("the state of an exception is a dict of attributes");
		made.attributes = state;
	},
	types: [PyException],
	reduce: ({ type, args, attributes }, { global }) => ({
		callable: global("builtins", type),
		args,
		state: attributes ?? undefined,
	}),
};

/** The exceptions of Python's module builtins, in Python 2 exceptions. */
export const exceptionReducers: readonly Reducer[] = [exception];
