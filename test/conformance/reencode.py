# -*- coding: utf-8 -*-
"""Compares what Python loads of pickles with what it loads of the same pickles decoded and encoded again.

Reads a JSON list of requests on standard input:
    {"name", "before": path, "after": path, "count": pickles in the file, "encodings": [those to try], "buffers": [path]}
and writes a list of answers: {"name", "encoding"} and what differs, [text], or "unloadable": why the original does not load.

Runs in Python 2.7, 3.6 and later with corpus/ on its path. No class is imported but those of inert.py: every other one
is a stub that records all that is done to it, in order.
"""

import array
import collections
import itertools
import json
import struct
import sys
import uuid

import inert
import tags

ENOUGH = 5  # differences that are told
real_numpy = inert.numpy_parts.__name__ == "numpy_real"
if real_numpy:
    import numpy

made = []  # of every stub that was called, its name


class Recorded(inert.Inert):
    """Keeps the steps in their order: `(kind, value)`."""

    def __new__(cls, *args, **kwargs):
        self = inert.Inert.__new__(cls, *args, **kwargs)
        self.steps = []
        made.append("%s.%s" % (cls.module, cls.name))
        return self

    def __setstate__(self, state):
        self.steps.append(("state", state))

    def append(self, item):
        self.steps.append(("item", item))

    def extend(self, items):
        self.steps.extend(("item", item) for item in items)

    def add(self, member):
        self.steps.append(("member", member))

    def __setitem__(self, key, value):
        self.steps += [("key", key), ("value", value)]

    def __repr__(self):
        return "<%s.%s>" % (self.module, self.name)


def recording_stub(module, name):
    return type("Stub", (Recorded,), {"module": module, "name": name})


inert.stub = recording_stub


def encode(text, encoding="utf-8", *errors):
    """`_codecs.encode` of text in the encodings that cannot fail to agree; of anything else it stays inert."""
    codec = encoding.decode("ascii") if isinstance(encoding, bytes) else encoding
    if codec in ("latin1", "latin-1", "utf-8") and not errors and isinstance(text, type(u"")):
        return text.encode(codec)
    return inert.stub("_codecs", "encode")(text, encoding, *errors)


def lenient(module, name):
    """The real class, but for arguments that it refuses: those may be stubs."""
    real = inert.REAL[module, name]

    def make(*args):
        try:
            return real(*args)
        except TypeError:
            return inert.stub(module, name)(*args)

    return make


def make_bytearray(*args):
    """Python 3 leaves the name of the encoding as bytes where Python 2 wrote it as str."""
    return bytearray(*[arg.decode("ascii") if place and isinstance(arg, bytes) else arg for place, arg in enumerate(args)])


inert.REAL["_codecs", "encode"] = encode
if not tags.PYTHON2:
    inert.REAL["builtins", "bytearray"] = make_bytearray
for class_name in ("datetime", "time"):
    inert.REAL["datetime", class_name] = lenient("datetime", class_name)
if hasattr(uuid, "SafeUUID"):
    inert.REAL["uuid", "SafeUUID"] = uuid.SafeUUID


def find_number_part(module, name, inert_call):
    """As inert.py finds it; also what made arrays before numpy 1.0."""
    if real_numpy and (module, name) in (("numpy.core._internal", "_reconstruct"), ("numpy._core._internal", "_reconstruct")):
        return numpy.ndarray.__new__
    return known_parts(module, name, inert_call)


known_parts, inert.numpy_parts.find = inert.numpy_parts.find, find_number_part


class Difference(Exception):
    pass


def same(what, before, after):
    if before != after or type(before) is not type(after):
        raise Difference("%s is %.200r, was %.200r" % (what, after, before))


def bits(*values):
    return struct.pack("%dd" % len(values), *values)


def sort_key(value):
    return type(value).__name__, repr(value)


def in_order(values):
    """Members of sets, and before Python 3.6 keys of dicts, have no order of their own."""
    return sorted(values, key=sort_key)


def dict_items(value):
    keys = list(value)
    if not tags.ORDERED_DICTS and not isinstance(value, collections.OrderedDict):
        keys = in_order(keys)
    return list(itertools.chain.from_iterable((key, value[key]) for key in keys))


def parts_of_dict(value):
    factory = [value.default_factory] if isinstance(value, collections.defaultdict) else []
    return factory + dict_items(dict(value) if type(value) is not collections.OrderedDict else value)


def parts_of_object(value):
    kwargs = list(itertools.chain.from_iterable(sorted(value.kwargs.items(), key=sort_key)))
    return [type(value), value.kind] + list(value.args) + kwargs + list(itertools.chain.from_iterable(value.steps))


PARTS = {
    list: list,
    tuple: list,
    set: in_order,
    frozenset: in_order,
    dict: dict_items,
    collections.OrderedDict: parts_of_dict,
    collections.defaultdict: parts_of_dict,
    collections.Counter: parts_of_dict,
    collections.deque: lambda value: [value.maxlen] + list(value),
    slice: lambda value: [value.start, value.stop, value.step],
    inert.Persistent: lambda value: [value.pid],
}
WITHOUT_IDENTITY = (type(None), bool, float, complex, type(u""), type(Ellipsis), type(NotImplemented)) + tags.INTS


def parts_of(value):
    """What a value consists of; None if it has no parts."""
    if isinstance(value, inert.Inert):
        return parts_of_object(value)
    if type(value) in PARTS:
        return PARTS[type(value)](value)
    if real_numpy and isinstance(value, numpy.ndarray) and value.dtype.hasobject:
        return [value.dtype, value.shape, value.flags.f_contiguous] + inert.numpy_parts.elements(value)
    if real_numpy and isinstance(value, numpy.void) and value.dtype.hasobject:
        return [value.dtype] + list(value.item())
    return None


def check_atom(before, after):
    """Values without parts."""
    if isinstance(before, float):
        same("a float", bits(before), bits(after))
    elif isinstance(before, complex):
        same("a complex", bits(before.real, before.imag), bits(after.real, after.imag))
    elif inert.is_stub(before) or isinstance(before, tags.CLASSES):
        same("a global", tags.global_tag(before), tags.global_tag(after))
    elif real_numpy and isinstance(before, (numpy.ndarray, numpy.generic)):
        same("an array's form", form_of(before), form_of(after))
        same("an array's bytes", inert.numpy_parts.raw_bytes(before), inert.numpy_parts.raw_bytes(after))
    elif real_numpy and isinstance(before, numpy.dtype):
        same("a dtype", form_of_dtype(before), form_of_dtype(after))
    elif type(before) in WITHOUT_IDENTITY or isinstance(before, (bytes, bytearray, array.array)):
        same("a value", before, after)
        same("its text", repr(before), repr(after))
    elif hasattr(before, "_name_"):
        same("an enum's member", before, after)
    else:
        same("a " + type(before).__name__, tags.describe(before), tags.describe(after))


def form_of_dtype(dtype):
    metadata = dict(dtype.metadata or {})
    return repr(dtype), dtype.str, dtype.fields and sorted(map(repr, dtype.fields.items())), metadata


def form_of(value):
    return form_of_dtype(value.dtype), value.shape, value.flags.f_contiguous, value.flags.c_contiguous


def type_of(value):
    return "a stub" if inert.is_stub(value) else inert.Inert if isinstance(value, inert.Inert) else type(value)


class Comparison(object):
    """Walks two graphs side by side. An object that occurs again has to occur again in the other one too."""

    def __init__(self):
        self.partners = {}
        self.taken = {}
        self.left = []

    def run(self, before, after):
        self.left = [("$", before, after)]
        while self.left:
            path, before, after = self.left.pop()
            try:
                self.step(path, before, after)
            except Difference as difference:
                yield "%s: %s" % (path, difference)

    def step(self, path, before, after):
        if type_of(before) != type_of(after):
            raise Difference("is %.200r, was %.200r" % (after, before))
        if self.met(before, after):
            return
        parts = parts_of(before)
        if parts is None:
            check_atom(before, after)
            return
        others = parts_of(after)
        same("the number of parts", len(parts), len(others))
        for place in reversed(range(len(parts))):
            self.left.append(("%s[%d]" % (path[-120:], place), parts[place], others[place]))

    def met(self, before, after):
        """Python shares empty tuples, single bytes and dtypes by itself, and text is not one object in JavaScript."""
        alone = type(before) in WITHOUT_IDENTITY or inert.is_stub(before) or isinstance(before, tags.CLASSES)
        if alone or type_of(before).__module__.startswith("numpy") and not hasattr(before, "__setitem__"):
            return False
        if isinstance(before, (bytes, tuple)) and len(before) < 2 or isinstance(before, frozenset) and not before:
            return False
        known = id(before) in self.partners
        if known and self.partners[id(before)] is not after or not known and id(after) in self.taken:
            raise Difference("%.200r is another object than before" % (after,))
        self.partners[id(before)], self.taken[id(after)] = after, before
        return known


def contents(path):
    with open(path, "rb") as stream:
        return stream.read()


def loaded(path, request, encoding):
    """The first pickles of a file, and the calls that they made."""
    del made[:]
    options = {"one_memo": True} if tags.PYTHON2 else {"one_memo": True, "encoding": encoding}
    if "buffers" in request:
        options["buffers"] = [bytearray(contents(buffer)) for buffer in request["buffers"]]
    values = list(itertools.islice(inert.loads_all(contents(path), **options), request["count"]))
    return values, list(made)


def load_original(request):
    complaints = []
    for encoding in request["encodings"]:
        try:
            return encoding, loaded(request["before"], request, encoding)
        except Exception as error:
            complaints.append("%s: %s" % (type(error).__name__, error))
    raise ValueError("; ".join(complaints))


def differences(request, encoding, before):
    try:
        after = loaded(request["after"], request, encoding)
    except Exception as error:
        return ["%s: %s" % (type(error).__name__, error)]
    if len(before[0]) != len(after[0]):
        return ["%d pickles, not %d" % (len(after[0]), len(before[0]))]
    pairs = zip(before[0], after[0])
    found = list(itertools.islice(itertools.chain.from_iterable(Comparison().run(*pair) for pair in pairs), ENOUGH))
    if before[1] != after[1]:
        found.append("other calls: %d, not %d" % (len(after[1]), len(before[1])))
    return found


def judge(request):
    try:
        encoding, before = load_original(request)
    except Exception as error:
        return {"name": request["name"], "unloadable": str(error)[:300]}
    return {"name": request["name"], "encoding": encoding, "different": differences(request, encoding, before)}


def main():
    json.dump([judge(request) for request in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
