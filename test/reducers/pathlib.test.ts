import { describe, expect, test } from "vitest";
import { PyDict, PyPath, toPlain } from "../../src/index.ts";
import { call, expectBack, inspected, read, refused, shown, str } from "../support/calls.ts";

describe("paths", () => {
	test.each<[string, string[], string]>([
		["pathlib.PosixPath", ["data", "x.dat"], "data/x.dat"],
		["pathlib.PosixPath", ["/", "a", "b"], "/a/b"],
		["pathlib.PosixPath", ["//", "a"], "//a"],
		["pathlib.PosixPath", ["///a"], "/a"],
		["pathlib.PosixPath", ["a", "/b"], "/b"],
		["pathlib.PurePosixPath", [], "."],
		["pathlib.PurePosixPath", ["a//b/./c/"], "a/b/c"],
		["pathlib._local.PurePosixPath", ["/"], "/"],
		["pathlib._local.PosixPath", ["/a/b"], "/a/b"],
		["pathlib.PureWindowsPath", ["C:\\", "a", "b c"], "C:\\a\\b c"],
		["pathlib.PureWindowsPath", ["C:", "a"], "C:a"],
		["pathlib.PureWindowsPath", ["\\\\server\\share\\", "a"], "\\\\server\\share\\a"],
		["pathlib.PureWindowsPath", ["\\", "a", "b"], "\\a\\b"],
		["pathlib.PureWindowsPath", ["/"], "\\"],
		["pathlib.WindowsPath", ["a/b"], "a\\b"],
	])("%s of %j", (name, parts, text) => {
		const path = read(call(name, parts.map(str))) as PyPath;
		expect(path).toBeInstanceOf(PyPath);
		expect(String(path)).toBe(text);
		expect(path.type).toBe(name.split(".").at(-1));
		expectBack(path);
		expect(toPlain(path)).toBe(text);
		expect(inspected(path)).toBe(`PyPath(${text})`);
	});

	test("print as Python prints them", () => {
		expect(shown(new PyPath("PosixPath", "a/b"))).toBe("PosixPath('a/b')");
		expect(shown(new PyPath("PureWindowsPath", "C:\\a"))).toBe("PureWindowsPath('C:/a')");
	});

	test("equality as keys", () => {
		const has = (one: PyPath, other: PyPath) => new PyDict([[one, 1]]).has(other);
		expect(has(new PyPath("PosixPath", "a"), new PyPath("PurePosixPath", ["a"]))).toBe(true);
		expect(has(new PyPath("PosixPath", "a"), new PyPath("PosixPath", "A"))).toBe(false);
		expect(has(new PyPath("WindowsPath", "a"), new PyPath("PureWindowsPath", "A"))).toBe(true);
		expect(has(new PyPath("WindowsPath", "a"), new PyPath("PosixPath", "a"))).toBe(false);
	});

	test("parts that are no text are refused", () => {
		expect(() => read(call("pathlib.PosixPath", "K\x01"))).toThrow(refused("a str"));
	});
});
