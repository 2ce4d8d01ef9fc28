import { positional, refuse } from "../../reducers/arguments.ts";
import type { CreateCall, DecodeContext, EncodeContext, Reducer, Reduction } from "../../reducers/reducer.ts";
import { PyGlobal } from "../../values/objects.ts";
import type { PyValue } from "../../values/value.ts";
import type { Mutable } from "../dtype.ts";
import { MaskedArray, MaskedConstant, masked, maskType } from "../masked.ts";
import { NDArray } from "../ndarray.ts";
import { NOTHING } from "../shapes.ts";
import { splitState } from "../subclass.ts";
import { fill, INT8, isPlainState, NO_ITEMS } from "./arrays.ts";
import { memoryOf, publicClass, stateOf } from "./reduce.ts";

/** `_mareconstruct(class, base class, (0,), 'b')`, and then its state. */
export const maskedArray: Reducer<MaskedArray> = {
	name: "numpy.ma.core._mareconstruct",
	takesBytes: true,
	create: (call) => createMasked(call, "_mareconstruct"),
	setState: setMaskedState,
	types: [MaskedArray],
	reduce: reduceMasked,
};

/** `_mrreconstruct`, the same for records with masked fields. */
export const maskedRecords: Reducer<MaskedArray> = {
	name: "numpy.ma.mrecords._mrreconstruct",
	takesBytes: true,
	create: (call) => createMasked(call, "_mrreconstruct"),
	setState: setMaskedState,
};

/** `MaskedConstant()`, which is numpy.ma.masked. */
export const maskedConstant: Reducer<MaskedConstant> = {
	name: "numpy.ma.core.MaskedConstant",
	aliases: ["numpy.ma.MaskedConstant"],
	create(call) {
		positional(call, "MaskedConstant", 0, 0);
		return masked;
	},
	types: [MaskedConstant],
	reduce: (_, context) => ({ callable: context.global("numpy.ma.core", "MaskedConstant"), args: [] }),
};

function createMasked(call: CreateCall, name: string): MaskedArray {
	const [type, baseClass] = positional(call, name, 4, 4);
	if (!(type instanceof PyGlobal) || !(baseClass instanceof PyGlobal)) throw refuse(`${name} takes two classes`);
	return new MaskedArray(empty(), empty(), null, type, baseClass);
}

function empty(): NDArray {
	return new NDArray(NO_ITEMS, INT8, NOTHING);
}

/** (1, shape, dtype, is_fortran, data, mask, fill value). A subclass may have that as a part of its own state. */
function setMaskedState(array: MaskedArray, state: PyValue, context: DecodeContext): void {
	const target = array as Mutable<MaskedArray>;
	const extended = isMaskedState(state) ? undefined : splitState(state, 7, isMaskedState, context);
	const parts = extended?.own ?? state;
	if (!isMaskedState(parts))
		throw refuse("the state of a masked array is (1, shape, dtype, is_fortran, data, mask, fill value)");
	target.state = extended?.state;
	const [version, shape, , fortran, , mask, fillValue] = parts;
	target.data = empty();
	fill(target.data, parts.slice(0, 5), context);
	target.mask = empty();
	fill(target.mask, [version, shape, maskType(target.data.dtype), fortran, mask] as PyValue[], context);
	target.fillValue = context.keep(fillValue as PyValue);
}

function isMaskedState(state: PyValue | undefined): state is readonly PyValue[] {
	return Array.isArray(state) && state.length === 7 && isPlainState(state.slice(0, 5));
}

function reduceMasked(array: MaskedArray, context: EncodeContext): Reduction {
	const isRecords = array.type.module === "numpy.ma.mrecords";
	const callable = isRecords
		? context.global("numpy.ma.mrecords", "_mrreconstruct")
		: context.global("numpy.ma.core", "_mareconstruct");
	const args = [
		publicClass(array.type, context),
		publicClass(array.baseClass, context),
		context.tuple(0),
		context.text("b"),
	];
	const own = stateOfMasked(array, context);
	return { callable, args, state: array.state ? array.state.around(own, context.tuple) : own };
}

function stateOfMasked({ data, mask, fillValue }: MaskedArray, context: EncodeContext): readonly PyValue[] {
	const order = data.order === "F" ? "F" : "C";
	return context.tuple(...stateOf(data, context), memoryOf(mask, order), fillValue);
}
