import { PyDict } from "./dict.ts";
import { type Composite, compositeParts } from "./equality.ts";
import { type Layout, plainForm, pythonLayout } from "./shown.ts";
import type { PyValue } from "./value.ts";

/** `functools.partial`: what Python would call, with which arguments. Nothing is called here. */
export class PyPartial {
	callable: PyValue;
	args: readonly PyValue[];
	keywords: PyDict;
	/** What was set on it beside. */
	attributes: PyDict | null;

	constructor(
		callable: PyValue,
		args: readonly PyValue[] = [],
		keywords: PyDict = new PyDict(),
		attributes: PyDict | null = null,
	) {
		this.callable = callable;
		this.args = args;
		this.keywords = keywords;
		this.attributes = attributes;
	}

	[pythonLayout](): Layout {
		return callLayout("functools.partial", [this.callable, ...this.args], this.keywords);
	}
}

/** How a call is written: arguments, then keywords by name. */
export function callLayout(
	name: string,
	args: readonly PyValue[],
	keywords?: Iterable<readonly [PyValue, PyValue]>,
): Layout {
	const named = [...(keywords ?? [])];
	return {
		open: `${name}(`,
		close: ")",
		items: [...args, ...named.map(([, value]) => value)],
		labels: [...args.map(() => ""), ...named.map(([keyword]) => labelOf(keyword))],
	};
}

/** A keyword's or attribute's name before its value. */
export function labelOf(name: PyValue): string {
	return typeof name === "string" ? `${name}=` : "...=";
}

/** `operator.itemgetter`, `attrgetter` or `methodcaller`: what it would get or call. */
export class PyGetter {
	readonly type: "itemgetter" | "attrgetter" | "methodcaller";
	readonly args: readonly PyValue[];
	/** Keyword arguments of a methodcaller. */
	readonly keywords: PyDict | undefined;

	constructor(type: PyGetter["type"], args: readonly PyValue[], keywords?: PyDict) {
		this.type = type;
		this.args = args;
		this.keywords = keywords;
	}

	[pythonLayout](): Layout {
		return callLayout(`operator.${this.type}`, this.args, this.keywords);
	}
}

/** A compiled regular expression: its source and flags. It is not compiled here: JavaScript would read it otherwise. */
export class PyPattern {
	readonly pattern: PyValue;
	/** The bits of `re.IGNORECASE` and the others. */
	readonly flags: number;

	constructor(pattern: PyValue, flags: number) {
		this.pattern = pattern;
		this.flags = flags;
	}

	[pythonLayout](): Layout {
		const labels = ["", "flags="];
		return { open: "re.compile(", close: ")", items: [this.pattern, this.flags], labels };
	}

	[plainForm](): object {
		return new Map<PyValue, PyValue>([
			["pattern", this.pattern],
			["flags", this.flags],
		]);
	}

	[compositeParts](): Composite {
		return { items: [PATTERN, this.pattern, this.flags], ordered: true };
	}
}

/** Stands before the parts, so that no slice of the same is equal. */
const PATTERN: object = Object.freeze({});
