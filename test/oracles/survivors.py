# -*- coding: utf-8 -*-
"""Judges what salvage saved: that each value stands where it stood, and that all that lay before the cut is there.

    {"do": "survivors", "original": base64, "encoding", "salvaged": [{"data": base64, "cut": offset}]}
        -> [{"wrong": [path], "missing": [path], "error": text or none}], one for each

Python 3.8 and later, for the tree of a pickle comes of its opcodes, as pickletools.genops gives them.
"""

import base64
import math
import pickletools

import inert

CONTAINERS = {"EMPTY_LIST": list, "LIST": list, "EMPTY_DICT": dict, "DICT": dict, "EMPTY_SET": set}
GROWING = {"APPEND", "APPENDS", "ADDITEMS", "SETITEM", "SETITEMS", "BUILD"}
TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
MARK = object()
MAX_FOUND = 3


class Node(object):
    """A value of a pickle: which bytes are it, and what is in it."""

    def __init__(self, kind, end, parts=()):
        self.kind, self.end, self.parts = kind, end, list(parts)


def offsets(data):
    """Each opcode, its argument and where it ends."""
    found = list(pickletools.genops(data))
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

    def __init__(self, cut):
        self.cut, self.wrong, self.missing = cut, [], []

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
        if kind_of(original) != kind_of(saved):
            self.wrong.append("%s is %s in place of %s" % (path, kind_of(saved), kind_of(original)))
            return []
        if isinstance(original, (list, tuple)) and node.kind in (list, tuple):
            return self.items(node, original, saved, path)
        if isinstance(original, dict) and node.kind is dict:
            return self.entries(node, original, saved, path)
        if isinstance(original, (set, frozenset)):
            if not saved <= original:
                self.wrong.append(path)
            return []
        return self.objects(node, original, saved, path)

    def items(self, node, original, saved, path):
        whole = sum(1 for part in node.parts if part.end <= self.cut)
        if len(saved) > len(original):
            self.wrong.append("%s has %d items of %d" % (path, len(saved), len(original)))
        if len(saved) < whole:
            self.missing.append("%s has %d items, of which %d are there" % (path, len(saved), whole))
        triples = zip(node.parts, original, saved)
        return [(part, one, other, "%s[%d]" % (path, i)) for i, (part, one, other) in enumerate(triples)]

    def entries(self, node, original, saved, path):
        values = dict(zip(original, node.parts[1::2])) if len(original) * 2 == len(node.parts) else {}
        inside = []
        for key in saved:
            if key not in original:
                self.wrong.append("%s has a key %r" % (path, key))
            elif key in values:
                inside.append((values[key], original[key], saved[key], "%s[%r]" % (path, key)))
        for key, part in values.items():
            if part.end <= self.cut and key not in saved:
                self.missing.append("%s[%r]" % (path, key))
        return inside

    def objects(self, node, original, saved, path):
        """Objects that the cut went through: their state as far as it came."""
        states = [part[1] for part in node.parts if isinstance(part, tuple)]
        if isinstance(original, inert.Inert) and original.states and saved.states and states:
            return [(states[-1], original.states[-1], saved.states[-1], path + ".state")]
        return []


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
    return [judged(node, original, one, options) for one in request["salvaged"]]


def judged(node, original, one, options):
    found = Survivors(one["cut"])
    try:
        saved = inert.loads(unpacked(one["data"]), **options)
    except Exception as error:
        return {"wrong": [], "missing": [], "error": "%s: %s" % (type(error).__name__, error)}
    found.run(node, original, saved)
    return {"wrong": found.wrong, "missing": found.missing, "error": None}
