# -*- coding: utf-8 -*-
"""Pickles put together by hand: every opcode, forms that no pickler writes any more, and the length overflow."""

import struct

from registry import case, write_bytes


def by_hand(name, protocol, body, family="opcodes", **how):
    """A pickle of these instructions, between PROTO, from protocol 2 on, and STOP."""
    proto = struct.pack("<BB", 0x80, protocol) if protocol >= 2 else b""
    data = proto + body + b"."
    case(family, name, protocols=[protocol], least=(3, 13), write=write_bytes, **how)(lambda: data)


def u32(number):
    return struct.pack("<I", number)


def u64(number):
    return struct.pack("<Q", number)


def frame(body):
    return b"\x95" + u64(len(body)) + body


# ---- protocol 0
by_hand("int", 0, b"(I0\nI-5\nI01\nI00\nI2147483648\nI-9223372036854775809\nl")
by_hand("int_spellings", 0, b"(I0x1f\nI0o17\nI0b11\nI+7\nI 8 \nI1_000\nl")
by_hand("long", 0, b"(L0L\nL-1L\nL12345678901234567890L\nL7\nl")
by_hand("float", 0, b"(F1.5\nF-0.0\nFinf\nF-inf\nFnan\nF1e-400\nF.5\nF2\nF1E+2\nl")
by_hand("string_quotes", 0, b"(S'single'\nS\"double\"\nS'it\\'s'\nS\"a\\\"b\"\nS''\nl")
by_hand("string_escapes", 0, b"(S'\\x41\\101\\n\\t\\\\\\'\\\"\\a\\b\\f\\v\\r\\0\\q'\nl", encoding="latin1")
by_hand("string_high_bytes", 0, b"(S'caf\xc3\xa9'\nS'caf\\xe9'\nl", encoding="latin1")
by_hand("unicode", 0, b"(Vplain\nV\\u20ac\nV\\U0001f600\nV\\u005cback\\u000aline\nVlatin \xe9\nV\\ud800\nl")
by_hand("put_get", 0, b"(lp0\n(lp1\nag1\na")
by_hand("put_large_index", 0, b"(lp100000\n(g100000\nt")
by_hand("list_dict_tuple", 0, b"((I1\nI2\nt(I3\nl(S'k'\nI4\ndl")
by_hand("append_setitem", 0, b"(lI1\na(dS'k'\nI2\nsa")
by_hand("equal_keys", 0, b"(I1\nVfirst\nI01\nVsecond\nF1.0\nVthird\nd")
by_hand("dup_pop", 0, b"(I1\n2I9\n0t")
by_hand("global_reduce", 0, b"czoo\nfunction\n(I1\ntR")
by_hand("inst", 0, b"((izoo\nOldStyle\n(I1\nS'two'\nizoo\nOldStyleArgs\nl")
by_hand("build", 0, b"czoo\nEmpty\n(tR(dS'a'\nI1\nsb")
by_hand("persid", 0, b"(Pfirst\nPsecond id\nPfirst\nl")
by_hand("none_and_bools", 0, b"(NI01\nI00\nNl")

# ---- protocol 1
by_hand("binint", 1, b"(K\x00K\xffM\x00\x01M\xff\xffJ\xff\xff\xff\xffJ\x00\x00\x00\x80J\xff\xff\xff\x7fl")
by_hand("binfloat", 1, b"(G" + b"G".join(struct.pack(">d", number) for number in (1.5, float("inf"), -0.0)) + b"l")
by_hand("binstring", 1, b"(T\x03\x00\x00\x00abcU\x02deT\x00\x00\x00\x00U\x00l")
by_hand("binunicode", 1, b"(X\x02\x00\x00\x00\xc3\xa9X\x00\x00\x00\x00X\x03\x00\x00\x00\xed\xa0\x80l")
by_hand("binput_binget", 1, b"]q\x00(]q\xff]r\x00\x01\x00\x00h\xffj\x00\x01\x00\x00h\x00e")
by_hand("memo_overwritten", 1, b"(K\x01q\x00h\x00K\x02q\x00h\x00l")
by_hand("obj", 1, b"]((czoo\nOldStyle\no(czoo\nOldStyleArgs\nK\x01K\x02oe")
by_hand("appends_setitems", 1, b"(](K\x01K\x02e}(U\x01aK\x03U\x01bK\x04ut")
by_hand("empty_containers", 1, b"(]})l")
by_hand("pop_mark", 1, b"K\x07(K\x01K\x02(K\x031\x31")
by_hand("binpersid", 1, b"(K\x05QU\x04textQ(K\x01K\x02tQl")

# ---- protocol 2
LONG1 = b"(\x8a\x00\x8a\x01\xff\x8a\x01\x7f\x8a\x02\xff\x00\x8a\x09%s\x80\x00\x8a\x08%s\x80l"
LONG4 = b"(\x8b\x00\x00\x00\x00\x8b\x02\x00\x00\x00\x00\x80\x8b%s%s\x00l"
EXTENSIONS = {1: "zoo.Animal", 0x1234: "zoo.Empty", 0x12345678: "zoo.function"}
by_hand("proto_newtrue_newfalse", 2, b"\x88\x89N\x87")
by_hand("tuples", 2, b"(K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87)l")
by_hand("long1", 2, LONG1 % (bytes(bytearray(7)), bytes(bytearray(7))))
by_hand("long4", 2, LONG4 % (u32(300), b"\xff" * 299))
by_hand("newobj", 2, b"czoo\nNewArgs\nK\x01U\x01a\x86\x81}U\x01kK\x01sb")
by_hand("ext", 2, b"(\x82\x01\x83\x34\x12\x84\x78\x56\x34\x12l", extensions=EXTENSIONS)
by_hand("proto_twice", 2, b"\x80\x02K\x05")

# ---- protocol 3
by_hand("binbytes", 3, b"(B\x03\x00\x00\x00abcC\x02\xff\x00B\x00\x00\x00\x00C\x00l")

# ---- protocol 4
by_hand("no_frame", 4, b"\x8c\x05plain\x94")
by_hand("several_frames", 4, frame(b"]\x94(\x8c\x03one\x94") + frame(b"\x8c\x03two\x94") + b"K\x03e")
by_hand("short_binunicode", 4, b"(\x8c\x00\x8c\x02\xc3\xa9l")
by_hand("binunicode8", 4, b"(\x8d" + u64(5) + b"hello\x8d" + u64(0) + b"\x8d" + u64(4) + b"\xf0\x9f\x98\x80l")
by_hand("binbytes8", 4, b"(\x8e" + u64(3) + b"a\xff\x00\x8e" + u64(0) + b"l")
by_hand("empty_set_additems", 4, b"\x8f\x94(K\x01\x8c\x01aK\x01\x90")
by_hand("frozenset", 4, b"(K\x01K\x02\x91\x94(\x91\x86")
by_hand("stack_global", 4, b"\x8c\x03zoo\x94\x8c\x0bOuter.Inner\x94\x93\x94")
by_hand("newobj_ex", 4, b"\x8c\x03zoo\x8c\x09NewArgsEx\x93K\x01\x85}\x8c\x01bK\x02s\x92")
by_hand("memoize", 4, b"]\x94(]\x94\x8c\x01m\x94h\x01h\x02e")
by_hand("nested_5000", 4, b"]" * 5000 + b"a" * 4999)

# ---- protocol 5
by_hand("bytearray8", 5, b"(\x96" + u64(3) + b"abc\x96" + u64(0) + b"l")
by_hand("next_buffer", 5, b"(\x97\x97\x98l", buffers=[b"first buffer", b"second, read only"])


# ---- the overflow: what cPickle of Python 2.7.13 and before wrote of arrays over 4 GiB, without an error
def cut_array(length, payload):
    """A float64 array that says it has so many elements, and the bytes that were written of it."""
    return (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03"
        b"(K\x01J%s\x85cnumpy\ndtype\nq\x04U\x02f8K\x00K\x01\x87Rq\x05"
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89%stb" % (u32(length), payload)
    )


def overflow(name, protocol, body, code, *mentions):
    error = {"code": code, "mentions": list(mentions)}
    by_hand(name, protocol, body, family="overflow", encoding="latin1", error=error)


FLOATS = struct.pack("<140d", *range(140))
SHORT = cut_array(536870922, b"U\x50" + FLOATS[:80])
LONG = cut_array(536871052, b"T" + u32(1120) + FLOATS)
SHORT_NUMBERS = ("536870922", "4294967376", "80")

overflow("float64_536870922", 2, SHORT, "E_REDUCER", *SHORT_NUMBERS)
overflow("float64_536871052", 2, LONG, "E_REDUCER", "536871052", "4294968416", "1120")
overflow("in_a_list", 2, b"](K\x07" + SHORT + b"U\x04taile", "E_REDUCER", *SHORT_NUMBERS)
overflow("negative_length", 1, b"T\x00\x00\x00\x80abc", "E_LENGTH", "-2147483648", "2147483648")
