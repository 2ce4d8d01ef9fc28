import { escapeCharacter, inQuotes } from "../bytes/repr.ts";
import { escapeControls } from "../errors.ts";

/** Text as Python's `repr` writes it, in quotes; what could steer a terminal or hide in a line is escaped. */
export function reprText(text: string): string {
	const body = escapeControls(escapeSpaces(text.replaceAll("\\", "\\\\")));
	return inQuotes(body, { single: text.includes("'"), double: text.includes('"') });
}

/** Spaces other than the plain one, which look like it. */
function escapeSpaces(text: string): string {
	return text.replace(/[^\P{Zs} ]/gu, (space) => escapeCharacter(space.charCodeAt(0)));
}
