import { limitError } from "../limits.ts";
import { PyFraction } from "../values/decimal.ts";
import { bitsOf, chargeDivisor } from "../values/rational.ts";
import { integer, positional, refuse, safeInteger, text } from "./arguments.ts";
import type { DecodeContext, Reducer } from "./reducer.ts";

/** Bits of an int that may have more digits than Python 3 reads of one. */
const LONG_BITS = 14_280;

/** `Fraction('22/7')` up to Python 3.10, `Fraction(22, 7)` since. */
const fraction: Reducer<PyFraction> = {
	name: "fractions.Fraction",
	create: (call, context) => {
		const args = positional(call, "Fraction", 1, 2);
		const isText = context.text(args[0] ?? null) !== undefined;
		if (isText && args.length > 1) throw refuse("the text of a fraction stands alone");
		const [numerator, denominator] = isText ? parsed(text(args[0], context), context) : args.map(integer);
		const [above, below] = [BigInt(numerator as number), BigInt(denominator ?? 1)];
		if (below === 0n) throw refuse("the denominator of a fraction cannot be 0");
		chargeDivisor(above, below, context.charge);
		return new PyFraction(above, below);
	},
	types: [PyFraction],
	reduce: (value, { global, python, protocol, text: own }) => {
		const callable = global("fractions", "Fraction");
		const { numerator, denominator } = value;
		// As text Pythons without a limit of digits write and read it; as an int of text none does.
		const isLong = bitsOf(numerator) > LONG_BITS || bitsOf(denominator) > LONG_BITS;
		if (python === 2 || (protocol < 2 && isLong))
			return { callable, args: [own(`${numerator}${denominator === 1n ? "" : `/${denominator}`}`)] };
		return { callable, args: [safeInteger(numerator), safeInteger(denominator)] };
	},
};

function parsed(written: string, { options }: DecodeContext): readonly bigint[] {
	const parts = /^([-+]?\d+)(?:\/(\d+))?$/.exec(written.trim());
	if (!parts) throw refuse("the text of a fraction is to be an int, or two with a slash between");
	const { maxIntDigits } = options.limits;
	if (written.length > 2 * maxIntDigits) throw limitError("maxIntDigits", maxIntDigits, "a fraction of more digits");
	return parts.slice(1).flatMap((digits) => (digits === undefined ? [] : BigInt(digits)));
}

/** Python's module fractions. */
export const fractionsReducers: readonly Reducer[] = [fraction];
