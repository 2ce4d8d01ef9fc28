import { PickleError, quoted } from "../../errors.ts";
import { positional, refuse } from "../../reducers/arguments.ts";
import type { DecodeContext, Reducer } from "../../reducers/reducer.ts";
import { PyDict } from "../../values/dict.ts";
import { PyGlobal } from "../../values/objects.ts";
import type { PyValue } from "../../values/value.ts";
import {
	type DatetimeUnit,
	DType,
	type DTypeField,
	type DTypeParts,
	datetimeUnit,
	MAX_DEPTH,
	parseDescr,
	redefine,
	settled,
} from "../dtype.ts";
import { readInteger, readShape } from "./lengths.ts";
import { reduceDType } from "./reduce.ts";

/** `dtype(descr, align, copy)`, and then its state. */
export const dtype: Reducer<DType> = {
	name: "numpy.dtype",
	takesBytes: true,
	create: (call, context) => createDType(positional(call, "dtype", 1, 3)[0], context),
	setState: setDTypeState,
	types: [DType],
	reduce: reduceDType,
};

/** `_convert_to_stringdtype_kwargs(coerce, missing)`, numpy 2's StringDType. */
export const stringDType: Reducer<DType> = {
	name: "numpy._core._internal._convert_to_stringdtype_kwargs",
	create(call) {
		const [coerce, missing] = positional(call, "StringDType", 1, 2);
		return new DType({
			kind: "T",
			itemsize: 16,
			string: { coerce: coerce === true || readInteger(coerce) === 1, missing },
		});
	},
};

/** A dtype that an array, scalar or other dtype is about to rely on. @throws PickleError E_REDUCER if it is none */
export function usedDType(value: PyValue | undefined): DType {
	if (!(value instanceof DType)) throw refuse("a numpy.dtype is expected here");
	settled.add(value);
	return value;
}

/** `numpy.dtype(descr, align, copy)`: the descr is text, or the class of the items. */
function createDType(descr: PyValue | undefined, context: DecodeContext): DType {
	if (descr instanceof DType) return new DType(descr);
	if (descr instanceof PyGlobal) return new DType(classParts(descr));
	const text = descr === undefined ? undefined : context.text(descr);
	const parts = text === undefined ? undefined : parseDescr(text);
	if (parts === undefined)
		throw refuse(`numpy has no dtype ${text === undefined ? "of such a description" : quoted(text)}`);
	return new DType(parts);
}

function classParts(type: PyGlobal): DTypeParts {
	const own = /^(numpy|builtins|__builtin__)$/.test(type.module) && parseDescr(type.name.replace(/_$/, ""));
	return own || { kind: "V", itemsize: 0, type };
}

/** The parts of a dtype's state, whatever version of numpy wrote it. */
interface RawState {
	readonly order: PyValue;
	readonly subdtype: PyValue;
	readonly names: PyValue;
	readonly fields: PyValue;
	readonly itemsize: PyValue;
	readonly alignment: PyValue;
	readonly flags: PyValue;
	readonly metadata: PyValue;
}

/** Gives a dtype the state that the pickle has of it. */
function setDTypeState(dtype: DType, state: PyValue, context: DecodeContext): void {
	refuseSettled(dtype);
	const parts = stateParts(dtype, readState(state), context);
	/* Its own state may have used it. */
	refuseSettled(dtype);
	settled.add(dtype);
	redefine(dtype, parts);
	if (dtype.depth > MAX_DEPTH) throw new PickleError("E_LIMIT", `a numpy.dtype nests deeper than ${MAX_DEPTH} levels`);
	/* dtypes that share their parts can describe more than any input holds. */
	context.charge(dtype.extent);
}

function refuseSettled(dtype: DType): void {
	if (settled.has(dtype)) throw refuse("this numpy.dtype already has a state, or is in use without one");
}

/** The forms of all versions: up to 2 the names are the fields' entry -1, 3 names them, 4 adds metadata. */
function readState(state: PyValue): RawState {
	if (!Array.isArray(state) || state.length < 5 || state.length > 9)
		throw refuse("the state of a numpy.dtype has 5 to 9 parts");
	const version = state.length === 5 ? 0 : readInteger(state[0]);
	if (version === undefined || version > 4) throw refuse("the state of a numpy.dtype is of no known version");
	const parts: PyValue[] = state.length === 5 ? [0, ...state] : [...state];
	if (state.length < 7) parts.splice(3, 0, null);
	const [, order = null, subdtype = null, names = null, fields = null, ...sizes] = parts;
	const [itemsize = null, alignment = null, flags = 0, metadata = null] = sizes;
	const inFields = version < 2 && fields instanceof PyDict ? (fields.get(-1) ?? null) : names;
	return { order, subdtype, names: inFields, fields, itemsize, alignment, flags, metadata };
}

function stateParts(dtype: DType, state: RawState, context: DecodeContext): DTypeParts {
	const { kind } = dtype;
	const flexible = kind === "S" || kind === "U" || kind === "V";
	const order = context.text(state.order);
	if (order === undefined || !/^[<>=|]$/.test(order)) throw refuse("the byte order of a numpy.dtype is one of < > = |");
	const itemsize = flexible ? readInteger(state.itemsize) : dtype.itemsize;
	if (itemsize === undefined || (kind === "U" && itemsize % 4 !== 0))
		throw refuse("the item size of a numpy.dtype is no size");
	const fields = readFields(state, itemsize, context);
	const flags = readInteger(state.flags, -128);
	if (flags === undefined) throw refuse("the flags of a numpy.dtype are no integer");
	return {
		kind,
		itemsize,
		byteOrder: order as "<",
		alignment: (flexible && readInteger(state.alignment)) || dtype.alignment,
		flags: flags & 0xff,
		fields,
		subdtype: readSubdtype(state.subdtype, kind, itemsize),
		type: dtype.type,
		...readMetadata(state.metadata, kind, context),
	};
}

function readSubdtype(value: PyValue, kind: string, itemsize: number): DTypeParts["subdtype"] {
	if (value === null) return undefined;
	if (!Array.isArray(value) || value.length !== 2)
		throw refuse("the subarray of a numpy.dtype is a pair of dtype and shape");
	const dtype = usedDType(value[0]);
	const shape = readShape(value[1]);
	const size = shape.reduce((bytes, length) => bytes * length, dtype.itemsize);
	if (kind !== "V" || size !== itemsize)
		throw refuse(`a subarray of ${size} bytes does not fill an item of ${itemsize}`);
	return { dtype, shape };
}

function readFields(state: RawState, itemsize: number, context: DecodeContext): readonly DTypeField[] | undefined {
	const { names, fields } = state;
	if (names === null && fields === null) return undefined;
	if (!Array.isArray(names) || !(fields instanceof PyDict))
		throw refuse("the fields of a numpy.dtype are a dict, their names a tuple");
	const read = names.map((name) => readField(name, fields, itemsize, context));
	if (new Set(read.map((field) => field.name)).size !== read.length)
		throw refuse("a numpy.dtype has two fields of one name");
	return read;
}

function readField(key: PyValue, fields: PyDict, itemsize: number, context: DecodeContext): DTypeField {
	const name = context.text(key);
	if (name === undefined) throw refuse("a field of a numpy.dtype has no name");
	context.charge(1 + name.length / 8);
	const value = fields.get(context.keep(key));
	if (!Array.isArray(value)) throw refuse(`the field ${quoted(name)} of a numpy.dtype has no description`);
	const dtype = usedDType(value[0]);
	const offset = readInteger(value[1]);
	if (offset === undefined || offset + dtype.itemsize > itemsize) {
		throw refuse(`the field ${quoted(name)} lies outside its item of ${itemsize} bytes`);
	}
	const title = value[2] ?? undefined;
	return { name, dtype, offset, title: title === undefined ? undefined : (context.text(title) ?? context.keep(title)) };
}

function readMetadata(value: PyValue, kind: string, context: DecodeContext): Pick<DTypeParts, "metadata" | "unit"> {
	if (value === null) return {};
	const datetime = kind === "M" || kind === "m";
	if (datetime && !(Array.isArray(value) && value.length === 2))
		throw refuse("the metadata of a datetime dtype is a pair");
	const metadata = datetime ? (value as PyValue[])[0] : value;
	const unit = datetime ? readUnit((value as PyValue[])[1], context) : undefined;
	return { unit, metadata: metadata instanceof PyDict ? metadata : undefined };
}

/** The unit from (name, count, divisor, events), of which numpy has written divisor and events as 1 since 1.6. */
function readUnit(value: PyValue | undefined, context: DecodeContext): DatetimeUnit | undefined {
	const [name, count, divisor = 1] = Array.isArray(value) ? (value as PyValue[]) : [];
	const text = name === undefined ? undefined : context.text(name);
	const found =
		text === undefined || readInteger(divisor) !== 1 ? undefined : datetimeUnit(text, readInteger(count) ?? 0);
	if (found === undefined) throw refuse("a datetime dtype has a unit that numpy does not know");
	return found.unit;
}
