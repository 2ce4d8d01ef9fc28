# -*- coding: utf-8 -*-
"""Describes Python values in tags, JSON that keeps types, identity and every bit (see README.md), and the way back."""

import array
import binascii
import collections
import datetime
import decimal
import fractions
import hashlib
import struct
import sys
import types
import uuid

from inert import is_stub, numpy_parts

PYTHON2 = sys.version_info[0] == 2
ORDERED_DICTS = sys.version_info >= (3, 6)
TEXT = type(u"")
INTS = (int, long) if PYTHON2 else (int,)  # noqa: F821
RANGE = xrange if PYTHON2 else range  # noqa: F821
CLASSES = (type, types.FunctionType, types.BuiltinFunctionType) + ((types.ClassType,) if PYTHON2 else ())

MAX_NODES = 4000  # values described; those after them are only named
MAX_DEPTH = 120
MAX_LISTED = 128  # items of a container that are listed; of a longer one the first 16
MAX_INLINE = 4096  # characters or bytes that are written out


def hexadecimal(data):
    return binascii.hexlify(bytes(data)).decode("ascii")


def sha256(data):
    return hashlib.sha256(bytes(data)).hexdigest()


def utf8(text):
    return text.encode("utf-8") if PYTHON2 else text.encode("utf-8", "surrogatepass")


def float_tag(value):
    return {"t": "float", "v": repr(value), "bits": hexadecimal(struct.pack(">d", value))}


def complex_tag(value):
    bits = hexadecimal(struct.pack(">dd", value.real, value.imag))
    return {"t": "complex", "re": repr(value.real), "im": repr(value.imag), "bits": bits}


def int_tag(value):
    if abs(value) < 1 << 12000:
        return {"t": "int", "v": str(value)}
    return {"t": "int", "hex": hex(value).rstrip("L")}


def text_tag(value):
    if len(value) <= MAX_INLINE:
        return {"t": "str", "v": value}
    return {"t": "str", "len": len(value), "sha256": sha256(utf8(value))}


def bytes_tag(value, name="py2str" if PYTHON2 else "bytes"):
    if len(value) <= MAX_INLINE:
        return {"t": name, "hex": hexadecimal(value)}
    return {"t": name, "len": len(value), "sha256": sha256(value)}


def microseconds(delta):
    return (delta.days * 86400 + delta.seconds) * 10**6 + delta.microseconds


def global_tag(value):
    if is_stub(value):
        return {"t": "global", "module": value.module, "name": value.name}
    return {"t": "global", "module": value.__module__, "name": getattr(value, "__qualname__", value.__name__)}


ATOMS = {
    type(None): lambda value: {"t": "none"},
    type(Ellipsis): lambda value: {"t": "ellipsis"},
    type(NotImplemented): lambda value: {"t": "notimplemented"},
    bool: lambda value: {"t": "bool", "v": value},
    float: float_tag,
    complex: complex_tag,
    TEXT: text_tag,
    bytes: bytes_tag,
}
ATOMS.update((kind, int_tag) for kind in INTS)
if not PYTHON2:
    ATOMS[memoryview] = bytes_tag  # what READONLY_BUFFER makes of a buffer from outside


class Describer(object):
    """Describes one graph: an object that is met again is a reference to its number."""

    def __init__(self):
        self.numbers = {}
        self.kept = []  # so that no id() is used twice
        self.nodes = 0
        self.depth = 0

    def __call__(self, value):
        self.nodes += 1
        kind = type(value)
        if kind in ATOMS:
            return ATOMS[kind](value)
        if isinstance(value, CLASSES):
            return global_tag(value)
        part = numpy_parts.tag_of_value(value, self)
        if part is not None:
            return part
        if kind is tuple and not value:
            return {"t": "tuple", "items": []}
        if id(value) in self.numbers:
            return {"t": "ref", "id": self.numbers[id(value)]}
        return self.numbered(value, kind)

    def numbered(self, value, kind):
        number = self.numbers[id(value)] = len(self.numbers)
        self.kept.append(value)
        if self.nodes > MAX_NODES or self.depth > MAX_DEPTH:
            return {"t": "cut", "id": number}
        self.depth += 1
        tag = self.compound(value, kind)
        self.depth -= 1
        tag["id"] = number
        return tag

    def compound(self, value, kind):
        if kind in COMPOUNDS:
            return COMPOUNDS[kind](self, value)
        if hasattr(value, "tag"):
            return value.tag(self)
        part = numpy_parts.tag_of_object(value, self)
        if part is not None:
            return part
        raise TypeError("no tag for %s.%s" % (kind.__module__, kind.__name__))

    def sequence(self, items):
        listed = list(items)
        self.kept.append(listed)
        return [self(item) for item in (listed if len(listed) <= MAX_LISTED else listed[:16])]

    def pairs(self, pairs):
        listed = list(pairs)
        self.kept.append(listed)
        return [[self(key), self(value)] for key, value in (listed if len(listed) <= MAX_LISTED else listed[:16])]

    def container(self, name, items, listed):
        tag = {"t": name, "items": listed}
        if len(items) > MAX_LISTED:
            tag["len"] = len(items)
        return tag


def sequence_tag(describe, value):
    return describe.container(type(value).__name__, value, describe.sequence(value))


def set_tag(describe, value):
    try:
        ordered = sorted(value)
    except (TypeError, ValueError):  # of Python 2: bytes beside text that is not ASCII
        ordered = sorted(value, key=lambda item: (type(item).__name__, repr(item)))
    return describe.container(type(value).__name__, value, describe.sequence(ordered))


def dict_tag(describe, value):
    tag = describe.container(type(value).__name__, value, describe.pairs(value.items()))
    if isinstance(value, collections.defaultdict):
        tag["factory"] = describe(value.default_factory)
    if not ORDERED_DICTS and not isinstance(value, collections.OrderedDict):
        tag["unordered"] = True
    return tag


def deque_tag(describe, value):
    return dict(sequence_tag(describe, value), maxlen=value.maxlen)


def datetime_tag(describe, value):
    tag = {"t": "datetime", "iso": value.isoformat(), "fold": getattr(value, "fold", 0), "tz": None}
    if value.tzinfo is not None:
        tag["tz"] = str(value.tzinfo)
        tag["offset"] = microseconds(value.utcoffset())
        tag["tzinfo"] = describe(value.tzinfo)
    return tag


def time_tag(describe, value):
    tag = {"t": "time", "iso": value.isoformat(), "fold": getattr(value, "fold", 0)}
    if value.tzinfo is not None:
        tag["tzinfo"] = describe(value.tzinfo)
    return tag


def timedelta_tag(describe, value):
    return {"t": "timedelta", "d": value.days, "s": value.seconds, "us": value.microseconds}


def timezone_tag(describe, value):
    return {"t": "timezone", "str": str(value), "us": microseconds(value.utcoffset(None))}


def range_tag(describe, value):
    start, stop, step = value.__reduce__()[1]
    return {"t": "range", "start": str(start), "stop": str(stop), "step": str(step)}


def slice_tag(describe, value):
    return {"t": "slice", "v": repr(value), "parts": [describe(part) for part in (value.start, value.stop, value.step)]}


def array_tag(describe, value):
    return dict(describe.container("array", value, describe.sequence(value)), typecode=value.typecode)


def written_as(name):
    return lambda describe, value: {"t": name, "v": str(value)}


COMPOUNDS = {
    list: sequence_tag,
    tuple: sequence_tag,
    set: set_tag,
    frozenset: set_tag,
    dict: dict_tag,
    collections.OrderedDict: dict_tag,
    collections.defaultdict: dict_tag,
    collections.Counter: dict_tag,
    collections.deque: deque_tag,
    bytearray: lambda describe, value: bytes_tag(value, "bytearray"),
    datetime.datetime: datetime_tag,
    datetime.date: lambda describe, value: {"t": "date", "iso": value.isoformat()},
    datetime.time: time_tag,
    datetime.timedelta: timedelta_tag,
    decimal.Decimal: written_as("decimal"),
    fractions.Fraction: written_as("fraction"),
    uuid.UUID: written_as("uuid"),
    RANGE: range_tag,
    slice: slice_tag,
    array.array: array_tag,
}
if hasattr(datetime, "timezone"):
    COMPOUNDS[datetime.timezone] = timezone_tag


def describe(value):
    return Describer()(value)


class Maker(object):
    """Makes values of tags, for tests that invent values: of the types in MAKERS and references to lists and dicts."""

    def __init__(self):
        self.made = {}

    def __call__(self, tag):
        return MAKERS[tag["t"]](self, tag)

    def items(self, tag):
        return [self(item) for item in tag["items"]]

    def list(self, tag):
        made = self.made[tag.get("id")] = []
        made.extend(self.items(tag))
        return made

    def dict(self, tag):
        made = self.made[tag.get("id")] = {}
        for key, value in tag["items"]:
            made[self(key)] = self(value)
        return made


def unhexed(tag):
    return binascii.unhexlify(tag["hex"].encode("ascii"))


MAKERS = {
    "none": lambda make, tag: None,
    "bool": lambda make, tag: tag["v"],
    "int": lambda make, tag: int(tag["v"]),
    "float": lambda make, tag: struct.unpack(">d", binascii.unhexlify(tag["bits"].encode("ascii")))[0],
    "complex": lambda make, tag: complex(*struct.unpack(">dd", binascii.unhexlify(tag["bits"].encode("ascii")))),
    "str": lambda make, tag: tag["v"],
    "bytes": lambda make, tag: unhexed(tag),
    "py2str": lambda make, tag: unhexed(tag),
    "bytearray": lambda make, tag: bytearray(unhexed(tag)),
    "range": lambda make, tag: RANGE(int(tag["start"]), int(tag["stop"]), int(tag["step"])),
    "list": Maker.list,
    "dict": Maker.dict,
    "tuple": lambda make, tag: tuple(make.items(tag)),
    "set": lambda make, tag: set(make.items(tag)),
    "frozenset": lambda make, tag: frozenset(make.items(tag)),
    "ref": lambda make, tag: make.made[tag["id"]],
}


def make(tag):
    return Maker()(tag)
