import { quoted } from "../errors.ts";
import { type Charge, equalityKey } from "./equality.ts";
import { PyAtom, pythonRepr, quotedText } from "./shown.ts";

/** Whether a UUID was made in a way that is safe across processes. */
export type UuidSafety = "safe" | "unsafe" | "unknown";

/** Python's UUID: 128 bits. */
export class PyUUID extends PyAtom {
	#int: bigint;
	#safety: UuidSafety;

	/** @throws TypeError if it has not 0 to 2^128 - 1 */
	constructor(int: bigint | number, safety: UuidSafety = "unknown") {
		super();
		this.#int = checkedBits(int);
		this.#safety = safety;
	}

	/**
	 * A UUID of its text, with hyphens or without.
	 * @throws TypeError for other text
	 */
	static parse(text: string): PyUUID {
		const digits = text.replace(/^urn:uuid:|[{}-]/g, "");
		if (!/^[\da-f]{32}$/i.test(digits)) throw new TypeError("a UUID is 32 hexadecimal digits");
		return new PyUUID(BigInt(`0x${digits}`));
	}

	/** A pickle makes it first, and then says which it is. @throws TypeError as the constructor */
	static set(uuid: PyUUID, int: bigint | number, safety: UuidSafety): void {
		uuid.#int = checkedBits(int);
		uuid.#safety = safety;
	}

	get int(): bigint {
		return this.#int;
	}

	get safety(): UuidSafety {
		return this.#safety;
	}

	get [Symbol.toStringTag](): string {
		return "PyUUID";
	}

	/** `12345678-1234-5678-1234-567812345678` */
	toString(): string {
		return this.#int
			.toString(16)
			.padStart(32, "0")
			.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
	}

	[pythonRepr](): string {
		return `UUID('${this}')`;
	}

	[equalityKey](): string {
		return `\0uuid\0${this.#int.toString(16)}`;
	}
}

function checkedBits(int: bigint | number): bigint {
	const bits = BigInt(int);
	if (bits < 0n || bits >> 128n !== 0n) throw new TypeError("a UUID has 128 bits");
	return bits;
}

/** The classes of pathlib. */
export type PathType = "PurePath" | "PurePosixPath" | "PureWindowsPath" | "Path" | "PosixPath" | "WindowsPath";

/** A path of pathlib: its class and its text. */
export class PyPath extends PyAtom {
	readonly type: PathType;
	/** As Python prints it: `data/x.dat`, `C:\a\b c`, `.` for none. */
	readonly path: string;

	/** Of its text, or of parts that are joined as pathlib joins them. */
	constructor(type: PathType, path: string | readonly string[]) {
		super();
		const parts = typeof path === "string" ? [path] : path;
		this.type = type;
		this.path = type.includes("Windows") ? windowsPath(parts) : posixPath(parts);
	}

	get [Symbol.toStringTag](): string {
		return "PyPath";
	}

	toString(): string {
		return this.path;
	}

	[pythonRepr](): string {
		return `${this.type}(${quotedText(this.type.includes("Windows") ? this.path.replaceAll("\\", "/") : this.path)})`;
	}

	/** Paths of one system are equal whether pure or not; Windows does not tell capitals from small letters. */
	[equalityKey](charge?: Charge): string {
		charge?.(this.path.length / 8);
		const isWindows = this.type.includes("Windows");
		return `\0path\0${isWindows ? `\\${this.path.toLowerCase()}` : `/${this.path}`}`;
	}
}

/** The last part that begins at the root, and those after it. Two slashes at the beginning are kept, as POSIX has it. */
function posixPath(parts: readonly string[]): string {
	const start = parts.findLastIndex((part) => part.startsWith("/"));
	const kept = parts.slice(Math.max(start, 0));
	const root = /^(?:\/\/(?!\/)|\/|)/.exec(kept[0] ?? "")?.[0] ?? "";
	return root + named(kept.join("/").split("/"), "/") || ".";
}

function windowsPath(parts: readonly string[]): string {
	const texts = parts.map((part) => part.replaceAll("/", "\\"));
	const start = texts.findLastIndex((part) => /^([a-z]:)?\\|^[a-z]:/i.test(part));
	const kept = texts.slice(Math.max(start, 0));
	const first = kept[0] ?? "";
	const share = /^\\\\[^\\]+\\[^\\]+\\?/.exec(first)?.[0];
	// A drive alone is followed by what lies in its current folder.
	const anchor = share ?? /^([a-z]:)?\\?/i.exec(first)?.[0] ?? "";
	const root = share && !share.endsWith("\\") ? `${share}\\` : anchor;
	const rest = [first.slice(anchor.length), ...kept.slice(1)].join("\\");
	return root + named(rest.split("\\"), "\\") || ".";
}

function named(segments: readonly string[], separator: string): string {
	return segments.filter((segment) => segment !== "" && segment !== ".").join(separator);
}

/** The classes of ipaddress. */
export type IpType = "IPv4Address" | "IPv6Address" | "IPv4Network" | "IPv6Network" | "IPv4Interface" | "IPv6Interface";

/** An address, network or interface of ipaddress. */
export class PyIp extends PyAtom {
	readonly type: IpType;
	/** What Python pickles it as: an address is an int, one with a scope and all others are text. */
	readonly given: bigint | string;

	/** @throws TypeError for an int beyond the addresses, or text that is no address */
	constructor(type: IpType, given: number | bigint | string) {
		super();
		this.type = type;
		this.given = typeof given === "string" ? given : BigInt(given);
		const isFine =
			typeof this.given === "string"
				? isIpText(type, this.given)
				: type.endsWith("Address") && this.given >= 0n && this.given >> BigInt(this.#bits) === 0n;
		if (!isFine) throw new TypeError(`${typeof given === "string" ? quoted(given) : given} is no ${type}`);
	}

	get #bits(): 32 | 128 {
		return this.version === 4 ? 32 : 128;
	}

	get version(): 4 | 6 {
		return this.type.startsWith("IPv4") ? 4 : 6;
	}

	get [Symbol.toStringTag](): string {
		return "PyIp";
	}

	/** `192.168.0.1`, `2001:db8::1`, `10.0.0.0/8` */
	toString(): string {
		const { given } = this;
		if (typeof given === "string") return given;
		return this.version === 4
			? groups(given, 4, 8).join(".")
			: shortened(groups(given, 8, 16).map((group) => group.toString(16)));
	}

	[pythonRepr](): string {
		return `${this.type}('${this}')`;
	}

	[equalityKey](): string {
		return `\0ip\0${this.type}\0${this}`;
	}
}

/** Whether ipaddress takes the text: an address, of a network and an interface with the length of the prefix or a mask. */
function isIpText(type: IpType, text: string): boolean {
	if (text.length > 200) return false;
	const [written = "", prefix, more] = text.split("/");
	const [bits, address] = type.startsWith("IPv4") ? [32, ipv4(written)] : [128, ipv6(written)];
	const isAddress = type.endsWith("Address");
	if (address === undefined || more !== undefined || (isAddress && prefix !== undefined)) return false;
	const length = prefix === undefined ? bits : prefixLength(prefix, bits);
	if (length === undefined || length > bits) return false;
	return !type.endsWith("Network") || BigInt.asUintN(bits - length, address) === 0n;
}

function prefixLength(prefix: string, bits: number): number | undefined {
	if (/^\d{1,3}$/.test(prefix)) return Number(prefix);
	const mask = bits === 32 ? ipv4(prefix) : undefined;
	const found = mask && /^(?:(1+)0*|(0+)1*)$/.exec(mask.toString(2).padStart(32, "0"));
	return found ? (found[1] ?? (found[2] as string)).length : undefined;
}

function ipv4(text: string): bigint | undefined {
	const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
	if (octets?.every((octet) => octet < 256) !== true) return undefined;
	return octets.reduce((value, octet) => value * 256n + BigInt(octet), 0n);
}

function ipv6(text: string): bigint | undefined {
	const written = /^([\da-f:]*?)(?::(\d[\d.]*\.[\d.]*))?(%[^%\s]+)?$/i.exec(text);
	const last = written?.[2] === undefined ? undefined : ipv4(written[2]);
	if (!written || (written[2] !== undefined && last === undefined)) return undefined;
	const tail = last === undefined ? "" : `:${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`;
	const halves = `${written[1]}${tail}`.split("::").map((half) => (half === "" ? [] : half.split(":")));
	const [before = [], after = []] = halves;
	const missing = 8 - before.length - after.length;
	if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return undefined;
	const hextets = [...before, ...new Array<string>(missing).fill("0"), ...after];
	if (!hextets.every((hextet) => /^[\da-f]{1,4}$/i.test(hextet))) return undefined;
	return BigInt(`0x${hextets.map((hextet) => hextet.padStart(4, "0")).join("")}`);
}

function groups(value: bigint, count: number, bits: number): number[] {
	return Array.from({ length: count }, (_, i) => Number(BigInt.asUintN(bits, value >> BigInt(bits * (count - 1 - i)))));
}

/** The first of the longest runs of two zeros or more becomes `::`. */
function shortened(hextets: readonly string[]): string {
	const text = hextets.join(":");
	const [longest = ""] = [...text.matchAll(/\b0(?::0)+\b/g)].map(([run]) => run).sort((a, b) => b.length - a.length);
	if (longest === "") return text;
	const at = text.search(new RegExp(`\\b${longest}\\b`));
	return `${text.slice(0, at).replace(/:$/, "")}::${text.slice(at + longest.length).replace(/^:/, "")}`;
}
