import { type Composite, compositeParts } from "./equality.ts";
import { type Layout, plainForm, pythonLayout } from "./shown.ts";
import type { PyValue } from "./value.ts";

const names = ["year", "mon", "mday", "hour", "min", "sec", "wday", "yday", "isdst"].map((name) => `tm_${name}`);

/** `time.struct_time`: its nine items, and the zone's name and offset in seconds where they are known. */
export class PyStructTime {
	/** Year, month, day, hour, minute, second, day of the week, day of the year, summer time. */
	readonly items: readonly PyValue[];
	/** `tm_zone`, the zone's abbreviation. */
	readonly zone: PyValue | undefined;
	/** `tm_gmtoff`, from UTC in seconds. */
	readonly offset: PyValue | undefined;

	constructor(items: readonly PyValue[], zone?: PyValue, offset?: PyValue) {
		if (items.length !== names.length) throw new TypeError("a struct_time has 9 items");
		this.items = items;
		this.zone = zone;
		this.offset = offset;
	}

	[Symbol.iterator](): Iterator<PyValue> {
		return this.items[Symbol.iterator]();
	}

	[pythonLayout](): Layout {
		return { open: "time.struct_time(", close: ")", items: this.items, labels: names.map((name) => `${name}=`) };
	}

	[plainForm](): object {
		return this.items;
	}

	[compositeParts](): Composite {
		return { items: this.items, ordered: "tuple" };
	}
}

/** The state of `random.Random`: what `getstate()` gives. */
export class PyRandom {
	/** 3 since Python 3, 2 before. */
	version: number;
	/** The 624 words of the Mersenne twister, and the place in them. */
	words: readonly PyValue[];
	/** A normally distributed number that is kept for the next call, or null. */
	gaussNext: PyValue;

	constructor(version: number, words: readonly PyValue[], gaussNext: PyValue = null) {
		this.version = version;
		this.words = words;
		this.gaussNext = gaussNext;
	}

	[pythonLayout](): Layout {
		const { version, words, gaussNext } = this;
		const labels = ["version=", "words=", "gauss_next="];
		return { open: "random.Random(", close: ")", items: [version, words, gaussNext], labels };
	}
}
