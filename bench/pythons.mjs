/** Finds the Pythons that the benchmark makes its workloads with and measures against. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const describe = `
import json, platform, sys
try: import sysconfig; arguments = sysconfig.get_config_var('CONFIG_ARGS')
except ImportError: arguments = None
print(json.dumps([platform.python_version(), arguments, platform.python_compiler()]))`;

function described(name, program, environment = {}) {
	try {
		const output = execFileSync(program, ["-c", describe], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
		const [version, configArguments, compiler] = JSON.parse(output);
		return { name, program, environment, version, configArguments, compiler };
	} catch {
		return undefined;
	}
}

/** The environments that the oracles' set-up made, as its index.json lists them; none where there is no index. */
export function oracles() {
	const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
	const folder = process.env.PICKLET_ORACLES || join(cache, "picklet-oracles");
	const index = join(folder, "index.json");
	return existsSync(index) ? JSON.parse(readFileSync(index, "utf8")) : [];
}

/** The environment of that name as a Python to run, or undefined. */
export function oracleNamed(name) {
	const row = oracles().find((oracle) => oracle.name === name);
	return row && described(row.name, row.python);
}

/** Newest environment whose packages include all of `packages`, or undefined. */
export function oracleWith(packages, accepts = () => true) {
	const fits = (row) => packages.every((name) => name in row.packages) && accepts(row);
	const row = oracles().filter(fits).at(-1);
	return row && described(row.name, row.python);
}

function minorVersion(version) {
	return version.split(".").slice(0, 2).join(".");
}

function sitePackages(program) {
	const root = join(program, "..", "..", "lib");
	const folders = existsSync(root) ? readdirSync(root).map((folder) => join(root, folder, "site-packages")) : [];
	return folders.find((folder) => existsSync(folder));
}

/**
 * The yardstick: the system's own python3, which distributions build with profile-guided optimisation, before whatever
 * python3 comes first in PATH. Without numpy of its own it borrows that of an oracle environment of the same version,
 * so that numpy's workloads are measured with the same interpreter. Undefined where there is no Python.
 */
export function yardstick() {
	const python = described("system", "/usr/bin/python3") ?? described("PATH", "python3");
	if (!python) return undefined;
	const lender = oracles().find((row) => minorVersion(row.version) === minorVersion(python.version));
	const packages = lender && !has(python, "numpy") ? sitePackages(lender.python) : undefined;
	return packages ? { ...python, environment: { PYTHONPATH: packages } } : python;
}

/** Whether that Python can import `module`. */
export function has(python, module) {
	try {
		const env = { ...process.env, ...python.environment };
		execFileSync(python.program, ["-c", `import ${module}`], { env, stdio: "ignore" });
		return true;
	} catch {
		return false;
	}
}

/** "CPython 3.11.2 (system)". */
export function pythonLabel(python) {
	return `CPython ${python.version} (${python.name})`;
}
