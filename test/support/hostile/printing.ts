import { inspect } from "node:util";
import { Printer } from "../../../src/cli/print.ts";
import { isPickleError, type PyValue, toPlain } from "../../../src/index.ts";

/** What printing and converting a value gave. */
export interface Printed {
	readonly lines: number;
	readonly characters: number;
	/** Control and format characters that reached the output. */
	readonly controls: number;
	/** The code of toPlain's error, if it refused. */
	readonly plainCode?: string | undefined;
}

/** As `picklet show` prints without options. */
const limits = { width: 100, depth: 8, items: 10, entries: 50, values: 1000, full: false };

export function printed(value: PyValue): Printed {
	const lines = [...new Printer(limits).lines(value)];
	const text = lines.join("\n");
	inspect(value);
	return {
		lines: lines.length,
		characters: text.length,
		controls: text.match(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu)?.length ?? 0,
		plainCode: plainCode(value),
	};
}

/** @throws what toPlain throws that is no PickleError */
function plainCode(value: PyValue): string | undefined {
	try {
		toPlain(value);
		return undefined;
	} catch (error) {
		if (isPickleError(error)) return error.code;
		throw error;
	}
}
