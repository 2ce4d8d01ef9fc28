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

/** Python's module pathlib: `PosixPath('data', 'x.dat')`, in Python 3.13 `pathlib._local.PosixPath('data/x.dat')`. */
export const pathlibReducers: readonly Reducer[] = pathTypes.map(
	(type): Reducer<PyPath> => ({
		name: `pathlib.${type}`,
		aliases: [`pathlib._local.${type}`],
		create: ({ args }, context) =>
			new PyPath(
				type,
				args.map((part) => text(part, context)),
			),
		types: [PyPath],
		reduce: (path, { global }) => ({
			callable: global("pathlib", path.type),
			args: path.path === "." ? [] : [path.path],
		}),
	}),
);
