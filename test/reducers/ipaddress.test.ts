import { describe, expect, test } from "vitest";
import { PyDict, PyIp, toPlain } from "../../src/index.ts";
import { call, expectBack, inspected, read, refused, shown, str } from "../support/calls.ts";

describe("addresses, networks and interfaces", () => {
	test.each<[string, string, string]>([
		["IPv4Address", "L3232235521L\n", "192.168.0.1"],
		["IPv4Address", "K\x00", "0.0.0.0"],
		["IPv6Address", "L42540766411282592856903984951653826561L\n", "2001:db8::1"],
		["IPv6Address", "K\x00", "::"],
		["IPv6Address", "K\x01", "::1"],
		["IPv6Address", `L${0x2001_0db8_0000_0001_0000_0000_0000_0000n}L\n`, "2001:db8:0:1::"],
		["IPv6Address", `L${0x0001_0000_0000_0002_0000_0000_0000_0003n}L\n`, "1:0:0:2::3"],
	])("%s", (type, argument, text) => {
		const ip = read(call(`ipaddress.${type}`, argument)) as PyIp;
		expect(String(ip)).toBe(text);
		expectBack(ip);
		expect(toPlain(ip)).toBe(text);
		expect(shown(ip)).toBe(`${type}('${text}')`);
		expect(inspected(ip)).toBe(`PyIp(${text})`);
	});

	test.each([
		["IPv6Address", "fe80::1%eth0"],
		["IPv4Network", "10.0.0.0/8"],
		["IPv4Network", "10.0.0.0/255.0.0.0"],
		["IPv6Address", "::ffff:1.2.3.4"],
		["IPv6Network", "2001:db8::/32"],
		["IPv4Interface", "10.0.0.1/24"],
		["IPv6Interface", "fe80::1%eth0/64"],
	])("%s of text", (type, text) => {
		const ip = read(call(`ipaddress.${type}`, str(text))) as PyIp;
		expect([ip.type, ip.given, String(ip)]).toEqual([type, text, text]);
		expectBack(ip);
	});

	test("equality as keys: by class and value", () => {
		const has = (one: PyIp, other: PyIp) => new PyDict([[one, 1]]).has(other);
		expect(has(new PyIp("IPv4Address", 5), new PyIp("IPv4Address", 5n))).toBe(true);
		expect(has(new PyIp("IPv4Address", 5), new PyIp("IPv6Address", 5))).toBe(false);
	});

	test.each([
		[call("ipaddress.IPv4Address", "L4294967296L\n"), "no IPv4Address"],
		[call("ipaddress.IPv4Address", "J\xff\xff\xff\xff"), "no IPv4Address"],
		[call("ipaddress.IPv4Network", str("<script>")), "no IPv4Network"],
		[call("ipaddress.IPv4Network", "K\x05"), "no IPv4Network"],
		[call("ipaddress.IPv4Network", str("1.2.3.4/99")), '"1.2.3.4/99" is no IPv4Network'],
		[call("ipaddress.IPv4Network", str("1.2.3.4/24")), "no IPv4Network"],
		[call("ipaddress.IPv4Interface", str("1.2.3.4/255.0.255.0")), "no IPv4Interface"],
		[call("ipaddress.IPv4Address", str("1.2.3.256")), "no IPv4Address"],
		[call("ipaddress.IPv6Address", str("1::2::3")), '"1::2::3" is no IPv6Address'],
		[call("ipaddress.IPv6Address", str("1:2:3:4:5:6:7")), "no IPv6Address"],
		[call("ipaddress.IPv6Address", str("::1/64")), "no IPv6Address"],
		[call("ipaddress.IPv6Address"), "1 arguments"],
	])("of anything else are refused", (pieces, reason) => {
		expect(() => read(pieces)).toThrow(refused(reason));
	});
});
