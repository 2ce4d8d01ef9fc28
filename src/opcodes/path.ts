import { quoted } from "../errors.ts";
import type { PyValue } from "../values/value.ts";

/** One step from a value to a part of it. */
export type EncodeStep =
	| { readonly kind: "item"; readonly index: number }
	| { readonly kind: "value" | "key"; readonly key: PyValue }
	/** What a reducer makes of it, or a part of a PyObject: `args`, `state`. */
	| { readonly kind: "part"; readonly name: string };

/** Steps shown at each end of a long path. */
const PATH_ENDS = 16;

/** `$.users[3].photo`; a key itself is `$.users.keys("x")`. */
export function encodePath(steps: readonly EncodeStep[]): string {
	if (steps.length <= 2 * PATH_ENDS) return `$${steps.map(stepText).join("")}`;
	const [first, last] = [steps.slice(0, PATH_ENDS), steps.slice(-PATH_ENDS)];
	return `$${first.map(stepText).join("")} ... ${last.map(stepText).join("")}`;
}

function stepText(step: EncodeStep): string {
	if (step.kind === "item") return `[${step.index}]`;
	if (step.kind === "part") return `.${step.name}`;
	if (step.kind === "key") return `.keys(${keyText(step.key)})`;
	const { key } = step;
	const isName = typeof key === "string" && /^[A-Za-z_]\w*$/.test(key) && key.length <= 64;
	return isName ? `.${key}` : `[${keyText(key)}]`;
}

function keyText(key: PyValue): string {
	if (typeof key === "string") return quoted(key);
	return typeof key === "object" && key !== null ? "..." : String(key);
}
