import { type PathType, PyPath } from "../values/identifiers.ts";
import { positional, text } from "./arguments.ts";
import type { Reducer } from "./reducer.ts";

const pathTypes: readonly PathType[] = [
	"PurePath",
	"PurePosixPath",
	"PureWindowsPath",
	"Path",
	"PosixPath",
	"WindowsPath",
];

/** `PosixPath('data', 'x.dat')`, in Python 3.13 `pathlib._local.PosixPath('data/x.dat')`. */
const path: Reducer<PyPath> = {
	name: "pathlib.PurePath",
	aliases: ["pathlib", "pathlib._local"].flatMap((module) => pathTypes.map((type) => `${module}.${type}`)),
	create: (call, context) => {
		const type = call.callable.name as PathType;
		const args = positional(call, type, 0, call.args.length);
		return new PyPath(
			type,
			args.map((part) => text(part, context)),
		);
	},
	types: [PyPath],
	reduce: ({ type, path: written }, { global }) => ({
		callable: global("pathlib", type),
		args: written === "." ? [] : [written],
	}),
};

/** Python's module pathlib. */
export const pathlibReducers: readonly Reducer[] = [path];
