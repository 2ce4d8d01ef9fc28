import type { PickleError } from "../../errors.ts";
import type { Diagnosis, Fault, FormatReport, Wholeness } from "./diagnosis.ts";
import { cutPython, type Packed, type Unpacked } from "./inflated.ts";
import { loadsCommand } from "./python.ts";
import { grouped, plural } from "./words.ts";

/** What holds something, with what is said of that. */
export function containerDiagnosis(
	size: number,
	format: FormatReport,
	faults: readonly Fault[],
	inside: Diagnosis | undefined,
): Diagnosis {
	const data = worst([...faults.map((fault) => fault.data), inside?.data ?? (faults.length > 0 ? "whole" : "unknown")]);
	const conditions = inside?.conditions ?? [];
	return { size, format, data, faults, conditions, notes: [], readers: [], ...(inside && { inside }) };
}

/** The worst of what is said about the data. */
export function worst(all: readonly Wholeness[]): Wholeness {
	return (["lost", "partly", "unknown"] as const).find((each) => all.includes(each)) ?? "whole";
}

/** What is said of bytes behind packed data that came to their end: they are none, or begin no more of them. */
const FOLLOWED = /other bytes follow|header check/;

/** Packed data that end too early, are followed by other bytes or are wrong somewhere. */
export function damagedFault(
	size: number,
	how: Packed,
	name: string,
	{ source, damage, read }: Unpacked,
	inside: Diagnosis | undefined,
): Fault {
	const reason = damage?.reason ?? "";
	const isCut = read === size && /end of file|ends? (too )?early|ended|truncated|incomplete|is cut/i.test(reason);
	const came = `${plural(source.size, "byte")} came out before`;
	const isThere = inside !== undefined && inside.data === "whole" && inside.faults.length === 0;
	const isFollowed = isThere && FOLLOWED.test(reason);
	const whole = isThere && (isCut || isFollowed) ? "whole" : source.size > 0 ? "partly" : isCut ? "lost" : "unknown";
	const unpack = isCut || isFollowed ? cutPython[how] : undefined;
	return {
		code: "container",
		offset: isCut ? size : 0,
		title: isCut
			? `The ${name} ends too early, at offset ${grouped(size)}.`
			: isFollowed
				? `Other bytes follow the ${name}.`
				: `The ${name} cannot be unpacked to its end.`,
		evidence: `${reason}: ${came}, of the first ${plural(read, "packed byte")}${how === "deflate-raw" ? " of the member" : ""}.`,
		data: isThere && !isCut && !isFollowed ? "unknown" : whole,
		advice: `${isThere ? `All of what lies in it could be read; ${isFollowed ? "readers may refuse the file for what follows" : isCut ? "without the end its checksum cannot be checked" : "what it says of itself at its end does not fit"}. ` : ""}Copy the file again.`,
		...(unpack && { command: loadsCommand(unpack) }),
	};
}

export function limitFault({ name }: FormatReport, error: PickleError): Fault {
	return {
		code: "container",
		offset: 0,
		title: `The ${name} cannot be unpacked.`,
		evidence: error.reason,
		data: "unknown",
		advice: "Raise the limit if the file can be trusted.",
	};
}
