import { type PathType, PyPath } from "../values/identifiers.ts";
import { text } from "./arguments.ts";
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
	create: ({ callable, args }, context) => {
		const parts = args.map((part) => text(part, context));
		return new PyPath(callable.name as PathType, parts);
	},
	types: [PyPath],
	reduce: ({ type, path: written }, { global }) => ({
		callable: global("pathlib", type),
		args: written === "." ? [] : [written],
	}),
};

/** Python's module pathlib. */
export const pathlibReducers: readonly Reducer[] = [path];
