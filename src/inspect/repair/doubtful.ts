import { escapeControls } from "../../errors.ts";
import { type DamageFindings, isCommon, NEAR } from "./plausible.ts";
import type { Loss } from "./result.ts";

/* What stands shortly before damage and reads well, but may be a part of it. */

/** Names that are told of. */
const MAX_NAMES = 4;

/** What Python may refuse of what stands before damage. */
export function doubtfulLosses(findings: DamageFindings, cut: number): Loss[] {
	return [...nameLosses(findings, cut), ...holderLosses(findings, cut)];
}

/** Names of classes and functions that Python may not know. */
function nameLosses(findings: DamageFindings, cut: number): Loss[] {
	return findings
		.newNames(cut - NEAR)
		.slice(-MAX_NAMES)
		.map(({ at, path }) => ({
			offset: at,
			what: `The name ${escapeControls(path)} stands nowhere before offset ${at}, shortly before the damage: if it is damaged too, Python finds nothing of that name.`,
		}));
}

/** Objects that get items, as no others of their class do before. */
function holderLosses(findings: DamageFindings, cut: number): Loss[] {
	return [...findings.holders]
		.filter(([path, at]) => at >= cut - NEAR && !isCommon({ path }))
		.slice(-MAX_NAMES)
		.map(([path, offset]) => ({
			offset,
			what: `At offset ${offset}, shortly before the damage, what ${escapeControls(path)} makes gets items: if it takes none, Python refuses the pickle.`,
		}));
}

/** What only the program that wrote the pickle can give, where a pickle ends early. */
export function foreignLosses(findings: DamageFindings, cut: number): Loss[] {
	const offset = findings.firstForeign(cut - NEAR);
	if (offset === undefined) return [];
	const what = `What stands at offset ${offset} only the program that wrote the pickle can give: a persistent object, an extension or a buffer. It is the first of its kind and may be damage; without that program Python refuses the pickle.`;
	return [{ offset, what }];
}
