import { toPython2, toPython3 } from "../../../opcodes/compat.ts";
import { python3Alone } from "../../diagnosis/names.ts";
import { Refused } from "./refused.ts";
import { isFrom, type Target, type Version } from "./target.ts";

export type Name = readonly [module: string, name: string];

/** What a class or function is called in the result. @throws Refused for one that has no name there */
export type Naming = (name: Name, offset: number) => Name;

/** Modules that Python 2 has too, though pickles of Python 3 give them other names at its protocols. */
const ofBoth = /^(subprocess|dbm|test(\..*)?|socket|_socket|io|pickle|collections|functools|sys)$/;

/** Modules of Python 2 alone, whose names mean nothing else in Python 3. */
const ofPython2Alone =
	/^(__builtin__|copy_reg|exceptions|Queue|SocketServer|ConfigParser|UserDict|UserList|UserString|StringIO|cStringIO|cPickle|urllib2|urlparse|httplib|Cookie|cookielib|HTMLParser|htmlentitydefs|xmlrpclib|anydbm|whichdb|Tkinter)$/;

/**
 * The names of a pickle of one protocol at another, and for the target. Python maps those of protocols 0 to 2 to Python 3's when
 * it reads them, and so does raising; lowering takes the name that is mapped back to the same.
 */
function namingFor(from: number, to: number, target: Target): Naming {
	const steps: Naming[] = [];
	if (from < 3 && to >= 3) steps.push(raised);
	if (target.numpy) steps.push(isFrom(target.numpy, 2, 0) ? newNumpy : oldNumpy(target));
	if (target.python && isFrom(target.python, 3, 0)) steps.push(forPython3(to));
	if (target.pandas && isFrom(target.pandas, 0, 20)) steps.push(([module, name]) => [newPandas(module), name]);
	if (from >= 3 && to < 3) steps.push((name, offset) => lowered(name, offset, target));
	else if (to < 3 && target.python?.[0] === 2) steps.push(forPython2);
	return (name, offset) => steps.reduce((found, step) => step(found, offset), name);
}

function raised([module, name]: Name): Name {
	return toPython3(module, name);
}

function lowered(name: Name, offset: number, { python }: Target): Name {
	const isForPython2 = python?.[0] === 2;
	if (isForPython2) checkPython2(name, offset);
	const old = ofBoth.test(name[0]) ? name : toPython2(...name);
	if (isSame(toPython3(...old), name)) return old;
	const moved = toPython2(...name);
	if (isSame(toPython3(...moved), name)) return moved;
	if (isForPython2 && name[0] === "builtins") throw lacking(name, offset);
	if (isSame(toPython3(...name), name)) return name;
	throw new Refused(`${name.join(".")} has no name below protocol 3 that Python would read as the same`, offset);
}

/** A pickle of Python 3 with its own names, of `fix_imports=False`. */
function forPython2(name: Name, offset: number): Name {
	checkPython2(name, offset);
	if (ofBoth.test(name[0])) return name;
	const old = toPython2(...name);
	return isSame(toPython3(...old), name) ? old : name;
}

function checkPython2(name: Name, offset: number): void {
	if (python3Alone.test(name.join("."))) throw lacking(name, offset);
}

function lacking(name: Name, offset: number): Refused {
	return new Refused(`Python 2 has no ${name.join(".")}`, offset);
}

function isSame(left: Name, right: Name): boolean {
	return left[0] === right[0] && left[1] === right[1];
}

/** Below protocol 3 Python 3 maps names itself. */
function forPython3(protocol: number): Naming {
	return ([module, name]) => {
		if (module === "pathlib._local") return ["pathlib", name];
		return protocol >= 3 && ofPython2Alone.test(module) ? toPython3(module, name) : [module, name];
	};
}

function newNumpy([module, name]: Name): Name {
	if (module === "numpy.core.records" && /^(record|recarray)$/.test(name)) return ["numpy.rec", name];
	return [module.replace(/^numpy\.core(?=\.|$)/, "numpy._core"), name];
}

function oldNumpy({ numpy }: Target): Naming {
	const hasUmath = numpy === undefined || isFrom(numpy, 1, 16);
	return ([module, name], offset) => {
		if (name === "_convert_to_stringdtype_kwargs")
			throw new Refused("StringDType is numpy 2's: numpy 1 has no such type", offset);
		const isBuffer = name === "_frombuffer" && /^numpy\._?core\.numeric$/.test(module);
		if (isBuffer && !hasUmath) throw new Refused("numpy before 1.16 has no _frombuffer", offset);
		if (module === "numpy.rec") return ["numpy.core.records", name];
		const old = module.replace(/^numpy\._core(?=\.|$)/, "numpy.core");
		return [old === "numpy.core._multiarray_umath" && !hasUmath ? umathBefore(name) : old, name];
	};
}

/** What makes random generators, by the numpy from which on it is called so. */
const generators: readonly (readonly [version: Version, names: readonly RegExp[]])[] = [
	[[1, 17], [/^numpy\.random\._(pickle|generator|bit_generator|mt19937|pcg64|philox|sfc64)\./]],
	[
		[1, 24],
		[/^numpy\.random\._pickle\.__bit_generator_ctor$/, /^numpy\.random\._pickle\.__(randomstate|generator)_ctor$/],
	],
	[
		[2, 0],
		[/^numpy\.random\._pickle\.__bit_generator_ctor$/, /^numpy\.random\._(mt19937|pcg64|philox|sfc64)\./],
	],
];

/** The last numpy of Python 2. */
const NUMPY_OF_PYTHON2: Version = [1, 16];

/** @throws Refused for random generators that an older numpy makes of other arguments */
export function refuseGenerators(
	globals: readonly { readonly name: string; readonly offset: number }[],
	{ python, numpy = python?.[0] === 2 ? NUMPY_OF_PYTHON2 : undefined }: Target,
): void {
	if (numpy === undefined) return;
	for (const [[major, minor], names] of generators) {
		if (isFrom(numpy, major, minor)) continue;
		const found = names.map((name) => globals.find((global) => name.test(global.name)));
		const last = found[found.length - 1];
		if (last === undefined || found.includes(undefined)) continue;
		const why = `numpy before ${major}.${minor} pickles random generators otherwise, and cannot read ${last.name}`;
		throw new Refused(why, last.offset);
	}
}

/** Where numpy before 1.16 had what is of `_multiarray_umath` since. */
function umathBefore(name: string): string {
	return /^(_reconstruct|scalar)$/.test(name) ? "numpy.core.multiarray" : "numpy.core.umath";
}

/** Modules that pandas moved and left as they were. */
const pandasModules: readonly (readonly [RegExp, string])[] = [
	[/^pandas\.indexes(?=\.(base|range|multi|category|numeric)$)/, "pandas.core.indexes"],
	[/^pandas\.tseries\.index$/, "pandas.core.indexes.datetimes"],
	[/^pandas\.tseries\.tdi$/, "pandas.core.indexes.timedeltas"],
	[/^pandas\.tseries\.period$/, "pandas.core.indexes.period"],
];

function newPandas(module: string): string {
	const moved = pandasModules.find(([pattern]) => pattern.test(module));
	return moved ? module.replace(...moved) : module;
}

/** By the protocol that a pickle says, or 0, how its names are changed. */
export type Namings = (protocol: number) => Naming;

export function namingsFor(to: number, target: Target): Namings {
	const namings = new Map<number, Naming>();
	return (protocol) => {
		const found = namings.get(protocol) ?? namingFor(protocol, to, target);
		namings.set(protocol, found);
		return found;
	};
}
