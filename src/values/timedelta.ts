import { equalityKey } from "./equality.ts";
import { PyAtom, pythonRepr } from "./shown.ts";

const DAY = 86_400;
const MAX_DAYS = 999_999_999;

/** Python's timedelta, normalized as there: 0 to 86,399 seconds, 0 to 999,999 microseconds; only the days can be negative. */
export class PyTimeDelta extends PyAtom {
	readonly days: number;
	readonly seconds: number;
	readonly microseconds: number;

	/** @throws TypeError if a part is no integer, or the days are beyond 999,999,999 */
	constructor(days: number | bigint, seconds: number | bigint = 0, microseconds: number | bigint = 0) {
		super();
		for (const part of [days, seconds, microseconds]) {
			if (typeof part !== "bigint" && !Number.isSafeInteger(part)) throw new TypeError("a timedelta is of integers");
		}
		const micros = (BigInt(days) * BigInt(DAY) + BigInt(seconds)) * 1_000_000n + BigInt(microseconds);
		const second = floorDivide(micros, 1_000_000n);
		const day = floorDivide(second, BigInt(DAY));
		if (day > BigInt(MAX_DAYS) || day < BigInt(-MAX_DAYS))
			throw new TypeError(`a timedelta has at most ${MAX_DAYS} days`);
		this.days = Number(day);
		this.seconds = Number(second - day * BigInt(DAY));
		this.microseconds = Number(micros - second * 1_000_000n);
	}

	/** All of it in microseconds. */
	get totalMicroseconds(): bigint {
		return (BigInt(this.days) * BigInt(DAY) + BigInt(this.seconds)) * 1_000_000n + BigInt(this.microseconds);
	}

	get [Symbol.toStringTag](): string {
		return "PyTimeDelta";
	}

	/** As Python prints it: `-1 day, 23:59:59.000001`. */
	toString(): string {
		const { days, seconds, microseconds } = this;
		const before = days === 0 ? "" : `${days} day${Math.abs(days) === 1 ? "" : "s"}, `;
		return `${before}${Math.floor(seconds / 3600)}:${clockOf(seconds % 3600, microseconds)}`;
	}

	[pythonRepr](): string {
		const { days, seconds, microseconds } = this;
		const parts = Object.entries({ days, seconds, microseconds }).filter(([, value]) => value !== 0);
		return `datetime.timedelta(${parts.map(([name, value]) => `${name}=${value}`).join(", ") || "0"})`;
	}

	[equalityKey](): string {
		return `\0timedelta\0${this.days},${this.seconds},${this.microseconds}`;
	}
}

function floorDivide(value: bigint, divisor: bigint): bigint {
	const quotient = value / divisor;
	return value % divisor < 0n ? quotient - 1n : quotient;
}

/** `MM:SS`, with the microseconds if there are any. */
function clockOf(seconds: number, microseconds: number): string {
	return `${padded(Math.floor(seconds / 60))}:${padded(seconds % 60)}${fractionOf(microseconds)}`;
}

export function fractionOf(microseconds: number): string {
	return microseconds === 0 ? "" : `.${padded(microseconds, 6)}`;
}

export function padded(value: number, width = 2): string {
	return String(value).padStart(width, "0");
}
