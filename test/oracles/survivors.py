# -*- coding: utf-8 -*-
"""Judges what salvage saved: that each value stands where it stood, and that all that lay before the cut is there.

    {"do": "survivors", "original": base64, "encoding", "salvaged": [{"data": base64, "cut": offset, "inner": bool}]}
        -> [{"wrong": [path], "missing": [path], "error": text or none}], one for each

`inner` is damage at that offset behind which bytes follow: only what lies before it is judged, and the pickle is to load
with the classes that the original names, and with no others.

Python 3.8 and later, for the tree of a pickle comes of its opcodes, as pickletools.genops gives them.
"""

import base64
import codecs
import math
import pickletools
import re

import inert

try:
    import resource

    # A memo index out of damaged bytes is to be an error, not the end of this process.
    resource.setrlimit(resource.RLIMIT_AS, (2**33, resource.getrlimit(resource.RLIMIT_AS)[1]))
except ImportError:
    pass

CONTAINERS = {"EMPTY_LIST": list, "LIST": list, "EMPTY_DICT": dict, "DICT": dict, "EMPTY_SET": set}
GROWING = {"APPEND", "APPENDS", "ADDITEMS", "SETITEM", "SETITEMS", "BUILD"}
TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
ARRAYS = ("ndarray", "NDArray", "array")
MARK = object()
MAX_FOUND = 3


def read_quoted(stream):
    """The argument of STRING as Latin-1: up to Python 3.13 pickletools takes it for ASCII."""
    return codecs.escape_decode(stream.readline().strip()[1:-1])[0].decode("latin-1")


class Node(object):
    """A value of a pickle: which bytes are it, and what is in it."""

    def __init__(self, kind, end, parts=()):
        self.kind, self.end, self.parts = kind, end, list(parts)


def offsets(data):
    """Each opcode, its argument and where it ends."""
    own, pickletools.stringnl.reader = pickletools.stringnl.reader, read_quoted
    try:
        found = list(pickletools.genops(data))
    finally:
        # Others ask what pickletools itself says.
        pickletools.stringnl.reader = own
    ends = [place for _, _, place in found[1:]] + [len(data)]
    return [(opcode, argument, end) for (opcode, argument, _), end in zip(found, ends)]


class Tree(object):
    """The values of a pickle, made of its opcodes."""

    def __init__(self):
        self.stack, self.memo = [], {}

    def read(self, data):
        for opcode, argument, end in offsets(data):
            if opcode.name == "STOP":
                return self.stack[-1]
            self.take(opcode, argument, end)

    def take(self, opcode, argument, end):
        name, stack = opcode.name, self.stack
        if name in ("PROTO", "FRAME", "READONLY_BUFFER"):
            return
        if name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            node = self.memo[argument]
            stack.append(Node(node.kind, end, node.parts) if node.end else node)
        elif name == "MARK":
            stack.append(MARK)
        elif name == "POP":
            stack.pop()
        elif name == "POP_MARK":
            self.above()
        elif name == "DUP":
            stack.append(stack[-1])
        elif name in GROWING:
            self.grow(name, end)
        elif name in TUPLES:
            count = TUPLES[name]
            parts = stack[len(stack) - count :]
            del stack[len(stack) - count :]
            stack.append(Node(tuple, end, parts))
        elif name in CONTAINERS:
            parts = self.above() if name in ("LIST", "DICT") else []
            stack.append(Node(CONTAINERS[name], end, parts))
        elif name == "TUPLE":
            stack.append(Node(tuple, end, self.above()))
        else:
            self.other(opcode, end)

    def above(self):
        place = max(i for i, item in enumerate(self.stack) if item is MARK)
        parts = self.stack[place + 1 :]
        del self.stack[place:]
        return parts

    def grow(self, name, end):
        if name in ("APPENDS", "ADDITEMS", "SETITEMS"):
            parts = self.above()
        else:
            count = 2 if name == "SETITEM" else 1
            parts = self.stack[-count:]
            del self.stack[-count:]
        target = self.stack[-1]
        target.end = end
        if name == "BUILD":
            target.parts.append(("state", parts[0]))
        else:
            target.parts.extend(parts)

    def other(self, opcode, end):
        before = opcode.stack_before
        if any(item.name == "mark" for item in before):
            self.above()
        else:
            for _ in before:
                self.stack.pop()
        for _ in opcode.stack_after:
            self.stack.append(Node(opcode.name, end))


class Survivors(object):
    """Compares a salvaged value with the original one."""

    def __init__(self, cut, there, inner):
        self.cut, self.there, self.inner, self.wrong, self.missing = cut, there, inner, [], []

    def run(self, node, original, saved):
        waiting = [(node, original, saved, "$")]
        while waiting and len(self.wrong) + len(self.missing) < MAX_FOUND:
            node, original, saved, path = waiting.pop()
            if node.end <= self.cut:
                if not same(original, saved):
                    self.wrong.append(path)
            else:
                waiting.extend(self.inside(node, original, saved, path))

    def inside(self, node, original, saved, path):
        """The parts of a value that the cut went through."""
        if kind_of(original) in ARRAYS and kind_of(saved) in ("bytes", "bytearray"):
            self.raw(original, saved, path)
            return []
        if kind_of(original) != kind_of(saved):
            if not self.inner or begun(node, self.cut):
                self.wrong.append("%s is %s in place of %s" % (path, kind_of(saved), kind_of(original)))
            return []
        if isinstance(original, (list, tuple)) and node.kind in (list, tuple):
            return self.items(node, original, saved, path)
        if isinstance(original, dict) and node.kind is dict:
            return self.entries(node, original, saved, path)
        if isinstance(original, (set, frozenset)):
            if not self.inner and not saved <= original:
                self.wrong.append(path)
            return []
        return self.objects(node, original, saved, path)

    def items(self, node, original, saved, path):
        whole = sum(1 for part in node.parts if part.end <= self.cut)
        if len(saved) > len(original) and not self.inner:
            self.wrong.append("%s has %d items of %d" % (path, len(saved), len(original)))
        if len(saved) < whole:
            self.missing.append("%s has %d items, of which %d are there" % (path, len(saved), whole))
        triples = list(zip(node.parts, original, saved))[: whole + 1 if self.inner else None]
        return [(part, one, other, "%s[%d]" % (path, i)) for i, (part, one, other) in enumerate(triples)]

    def entries(self, node, original, saved, path):
        values = dict(zip(original, node.parts[1::2])) if len(original) * 2 == len(node.parts) else {}
        inside, whole = [], sum(1 for part in values.values() if part.end <= self.cut)
        judged = list(values)[: whole + 1] if self.inner else saved
        for key in judged:
            if key != key or key not in saved:
                continue
            if key not in original:
                self.wrong.append("%s has a key %r" % (path, key))
            elif key in values:
                inside.append((values[key], original[key], saved[key], "%s[%r]" % (path, key)))
        for key, part in values.items():
            if part.end <= self.cut and key not in saved and key == key:
                self.missing.append("%s[%r]" % (path, key))
        return inside

    def objects(self, node, original, saved, path):
        """Objects that the cut went through: their state as far as it came."""
        if kind_of(original) in ARRAYS:
            self.array(original, saved, path)
            return []
        states = [part[1] for part in node.parts if isinstance(part, tuple)]
        if isinstance(original, inert.Inert) and original.states and saved.states and states:
            return [(states[-1], original.states[-1], saved.states[-1], path + ".state")]
        return []


    def array(self, original, saved, path):
        """An array keeps every whole element, in the order of its storage; its last row may be filled up."""
        if kind_of(saved) == "NDArray" and not hasattr(saved, "shape"):
            self.wrong.append("%s has no state" % path)
            return
        (unit, wanted), (_, found) = elements(original), elements(saved)
        equal = 0
        while equal < min(len(wanted), len(found)) and same(wanted[equal], found[equal]):
            equal += 1
        row = 1 if len(getattr(saved, "shape", ())) < 2 else len(found) // max(saved.shape[outermost(original)], 1)
        if not self.inner and (len(found) > len(wanted) or equal <= len(found) - row and found):
            self.wrong.append("%s has %d equal elements of %d" % (path, equal, len(found)))
        if not isinstance(wanted[:1], list) and self.there is not None and equal < min(self.there // unit, len(wanted)):
            self.missing.append("%s has %d elements of %d bytes" % (path, equal, self.there))

    def raw(self, original, saved, path):
        """The bytes of an array whose dtype is not there."""
        if self.there is None or len(saved) != self.there and not self.inner:
            self.wrong.append("%s has %d bytes" % (path, len(saved)))


def begun(node, cut):
    """Whether something of a value, or all of it, lies before the damage."""
    if node.end <= cut:
        return True
    parts = [part[1] if isinstance(part, tuple) else part for part in node.parts]
    return any(part.end <= cut for part in parts)


def outermost(array):
    return len(array.shape) - 1 if is_fortran(array) else 0


def is_fortran(array):
    if hasattr(array, "flags"):
        return array.flags.f_contiguous and not array.flags.c_contiguous
    return array.order == "F" and not isinstance(array.data, list)


def elements(array):
    """Bytes of one, and the elements in the order of their storage: as bytes, of objects themselves."""
    if not hasattr(array, "shape"):
        unit, data = array.itemsize, array.tobytes()
    elif hasattr(array, "flags"):
        if array.dtype.hasobject:
            return 8, array.ravel().tolist()
        unit, data = array.dtype.itemsize, array.tobytes("F" if is_fortran(array) else "C")
    else:
        if isinstance(array.data, list):
            return 8, array.data
        unit, data = array.dtype.size, array.data
        if is_fortran(array):
            axes = range(len(array.shape))[::-1]
            data = inert.numpy_parts.transposed(data, unit, array.shape, axes)
    return unit, [data[start : start + unit] for start in range(0, len(data), max(unit, 1))]


def bytes_there(data, cut):
    """How many bytes of a payload are there that the cut went through; None if it went through none."""
    place = 0
    for opcode, argument, end in offsets(data):
        if place < cut < end and isinstance(argument, (str, bytes, bytearray)):
            return payload_there(opcode.name, data[place:cut], len(argument))
        place = end
    return None


HEADS = {"SHORT_BINBYTES": 2, "SHORT_BINSTRING": 2, "BINBYTES": 5, "BINSTRING": 5, "BINBYTES8": 9, "BYTEARRAY8": 9}


def payload_there(name, part, length):
    if name in HEADS:
        return max(0, len(part) - HEADS[name])
    if name == "BINUNICODE":
        return len(part[5:].decode("utf-8", "ignore"))
    if name == "UNICODE":
        return len(re.sub(b"\\\\(u[0-9a-f]{0,3}|U[0-9a-f]{0,7})?$", b"", part[1:]).decode("raw-unicode-escape"))
    if name == "STRING":
        whole = re.sub(b"(?<!\\\\)((?:\\\\\\\\)*)\\\\(x[0-9a-f]?)?$", b"\\1", part[2:])
        return min(length, len(codecs.escape_decode(whole)[0]))
    return None


def kind_of(value):
    """The name of a value's type; each reading of a pickle has stubs of its own."""
    if isinstance(value, inert.Inert):
        return "%s.%s" % (value.module, value.name)
    return type(value).__name__


def same(one, other):
    """Equality of values of one shape, NaN and cycles included."""
    seen, waiting = set(), [(one, other)]
    while waiting:
        one, other = waiting.pop()
        if one is other:
            continue
        if kind_of(one) != kind_of(other):
            return False
        if hasattr(one, "flags") and hasattr(one, "tobytes"):
            if (one.dtype, one.shape) != (other.dtype, other.shape):
                return False
            if not one.dtype.hasobject and one.tobytes() != other.tobytes():
                return False
            if one.dtype.hasobject:
                waiting.append((one.ravel().tolist(), other.ravel().tolist()))
            continue
        if isinstance(one, float):
            if one != other and not (math.isnan(one) and math.isnan(other)):
                return False
            continue
        if (id(one), id(other)) in seen:
            continue
        seen.add((id(one), id(other)))
        if isinstance(one, (list, tuple)):
            if len(one) != len(other):
                return False
            waiting.extend(zip(one, other))
        elif isinstance(one, dict):
            if len(one) != len(other):
                return False
            waiting.extend(zip(one, other))
            waiting.extend(zip(one.values(), other.values()))
        elif isinstance(one, (set, frozenset)):
            if len(one) != len(other):
                return False
        elif isinstance(one, type):
            if (one.__module__, one.__name__) != (other.__module__, other.__name__):
                return False
        elif hasattr(one, "__dict__") and type(one).__eq__ is object.__eq__:
            waiting.append((vars(one), vars(other)))
        elif not (one == other or repr(one) == repr(other)):
            return False
    return True


def unpacked(text):
    return base64.b64decode(text.encode("ascii"))


def survivors(request):
    data = unpacked(request["original"])
    options = {"encoding": request["encoding"]} if "encoding" in request else {}
    node = Tree().read(data)
    original = inert.loads(data, **options)
    known = Known(data, options)
    return [judged(node, original, one, bytes_there(data, one["cut"]), known) for one in request["salvaged"]]


def judged(node, original, one, there, known):
    found = Survivors(one["cut"], there, one.get("inner", False))
    data = unpacked(one["data"])
    try:
        saved = inert.loads(data, **known.options)
        if found.inner:
            known.load(data)
    except Exception as error:
        return {"wrong": [], "missing": [], "error": "%s: %s" % (type(error).__name__, error)}
    found.run(node, original, saved)
    return {"wrong": found.wrong, "missing": found.missing, "error": None}


class Known(object):
    """Loads as Python does, with what the names of one pickle mean there; for others, and for what acts, it refuses."""

    ACTING = ("eval", "exec", "execfile", "input", "raw_input", "getattr", "reduce")

    def __init__(self, data, options):
        self.options, self.names, self.is_real = options, set(), True
        self.persistent = any(opcode.name.endswith("PERSID") for opcode, _, _ in offsets(data))
        self.recording = True
        try:
            self.load(data)
        except Exception:
            self.is_real = False
            self.load(data)
        self.recording = False

    def load(self, data):
        classes, known = inert.Classes(inert.protocol_of(data) < 3), self

        class Unpickler(inert.c_pickle.Unpickler):
            def find_class(self, module, name):
                if known.recording:
                    known.names.add((module, name))
                elif (module, name) not in known.names:
                    raise NameError("%s.%s, which the original does not name" % (module, name))
                if known.is_real and name not in known.ACTING:
                    return super(Unpickler, self).find_class(module, name)
                return classes.find(module, name)

            def persistent_load(self, pid):
                if not known.persistent:
                    raise ValueError("a persistent id, of which the original has none")
                return inert.Persistent(pid)

        return Unpickler(inert.stream_of(data), **self.options).load()
