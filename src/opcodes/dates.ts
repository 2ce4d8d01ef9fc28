import { PyObject } from "../values/objects.ts";
import { ownGlobal } from "./encode-context.ts";

/** What Python's datetime holds. */
const FIRST_YEAR = 1;
const LAST_YEAR = 9999;

/**
 * A Date as Python's aware datetime in UTC: `datetime.datetime(ten bytes, timezone.utc)`. Undefined if Python has no such
 * time.
 */
export function datetimeOf(date: Date): PyObject | undefined {
	const time = Date.prototype.getTime.call(date);
	const utc = new Date(time);
	const year = utc.getUTCFullYear();
	if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) return undefined;
	const microseconds = utc.getUTCMilliseconds() * 1000;
	const state = Uint8Array.of(
		year >> 8,
		year & 0xff,
		utc.getUTCMonth() + 1,
		utc.getUTCDate(),
		utc.getUTCHours(),
		utc.getUTCMinutes(),
		utc.getUTCSeconds(),
		microseconds >> 16,
		(microseconds >> 8) & 0xff,
		microseconds & 0xff,
	);
	return new PyObject("call", ownGlobal("datetime", "datetime"), [state, UTC]);
}

/** `timezone.utc`, as Python writes it. One object, as there. */
const UTC = /* @__PURE__ */ (() => {
	const nothing = new PyObject("call", ownGlobal("datetime", "timedelta"), Object.freeze([0, 0, 0]));
	return new PyObject("call", ownGlobal("datetime", "timezone"), Object.freeze([nothing]));
})();
