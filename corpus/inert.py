# -*- coding: utf-8 -*-
"""Reads pickles without running what they ask for: classes off a short list are stubs that record what is done to them.

CPython's C unpickler does the reading, in Python 2.7, 3.6 and later, and pyodide, with numpy or a stand-in for it.
"""

import array
import codecs
import collections
import datetime
import decimal
import fractions
import io
import uuid

try:
    import cPickle as c_pickle
    import cStringIO
    import copy_reg as copyreg
    import __builtin__ as builtins
except ImportError:
    import _compat_pickle
    import _pickle as c_pickle
    import builtins
    import copyreg

try:
    import numpy_real as numpy_parts
except ImportError:
    import numpy_standin as numpy_parts

PYTHON2 = builtins.__name__ == "__builtin__"


class Inert(object):
    """An object of a class that was not imported, or the result of a call that did not happen."""

    module = name = None

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        self.kind, self.args, self.kwargs = "new", args, kwargs
        self.states, self.items, self.entries = [], [], []
        return self

    def __init__(self, *args, **kwargs):
        self.kind = "call"

    def __setstate__(self, state):
        self.states.append(state)

    def append(self, item):
        self.items.append(item)

    def extend(self, items):
        self.items.extend(items)

    add = append

    def __setitem__(self, key, value):
        self.entries.append((key, value))

    def __call__(self, *args):
        return stub(None, None)(self, *args)

    def tag(self, describe):
        tag = {"t": "inert", "kind": self.kind, "module": self.module, "name": self.name}
        args = self.args
        if self.name is None:
            tag["callable"] = describe(args[0])
            args = args[1:]
        tag["args"] = describe(args)
        if self.kwargs:
            tag["kwargs"] = describe(self.kwargs)
        if self.states:
            tag["state"] = describe(self.states[-1])
        if self.items:
            tag["items"], tag["n_items"] = describe.sequence(self.items), len(self.items)
        if self.entries:
            tag["entries"], tag["n_entries"] = describe.pairs(self.entries), len(self.entries)
        return tag


class Persistent(object):
    """What a persistent id stands for."""

    def __init__(self, pid):
        self.pid = pid

    def tag(self, describe):
        return {"t": "persistent", "pid": describe(self.pid)}


def stub(module, name):
    """A class that stands for the one of that name."""
    return type("Stub", (Inert,), {"module": module, "name": name})


def is_stub(value):
    return isinstance(value, type) and issubclass(value, Inert)


def encode(text, encoding="utf-8", *errors):
    """`_codecs.encode` where it makes bytes of Python 3's bytes at protocols 0 to 2; every other codec stays inert."""
    if encoding in ("latin1", "latin-1") and not errors and not isinstance(text, Inert):
        return codecs.encode(text, encoding)
    return stub("_codecs", "encode")(text, encoding, *errors)


def get(owner, name):
    """`getattr(Outer, "Inner")` names what lies in a class, below protocol 4; every other attribute stays inert."""
    if is_stub(owner) and isinstance(name, str):
        return stub(owner.module, "%s.%s" % (owner.name, name))
    if owner is set and name == "update":
        return set.update
    return stub(builtins.__name__, "getattr")(owner, name)


def newobj(cls, *args):
    """`copyreg.__newobj__`, which does what the opcode NEWOBJ does."""
    return cls.__new__(cls, *args)


def newobj_ex(cls, args, kwargs):
    return cls.__new__(cls, *args, **kwargs)


def partial(function, *args):
    """Of `copyreg.__newobj__`: how NEWOBJ is said at protocols 0 and 1. Every other one stays inert."""
    if function is newobj:
        return lambda *more: newobj(*(args + more))
    return stub("functools", "partial")(function, *args)


encode.__module__ = "_codecs"
partial.__module__ = "functools"
newobj.__module__, newobj.__name__, newobj.__qualname__ = copyreg.__name__, "__newobj__", "__newobj__"
newobj_ex.__module__, newobj_ex.__name__, newobj_ex.__qualname__ = copyreg.__name__, "__newobj_ex__", "__newobj_ex__"
get.__module__, get.__name__, get.__qualname__ = builtins.__name__, "getattr", "getattr"


def listed(module, names, home):
    return dict(((module, name), getattr(home, name)) for name in names.split() if hasattr(home, name))


REAL = listed(
    builtins.__name__,
    "set frozenset list dict tuple int float complex bytes bytearray str object bool range slice Ellipsis "
    "NotImplemented unicode long xrange",
    builtins,
)
REAL.update(listed("array", "array _array_reconstructor", array))
REAL.update(listed("collections", "OrderedDict defaultdict deque Counter", collections))
REAL.update(listed("datetime", "datetime date time timedelta timezone", datetime))
REAL.update(listed("decimal", "Decimal", decimal))
REAL.update(listed("fractions", "Fraction", fractions))
REAL.update(listed("uuid", "UUID", uuid))
REAL["_codecs", "encode"] = encode
REAL[builtins.__name__, "getattr"] = get
REAL["functools", "partial"] = partial
REAL[copyreg.__name__, "__newobj__"] = newobj
REAL[copyreg.__name__, "__newobj_ex__"] = newobj_ex


class Classes(object):
    """Finds classes for one pickle: real ones from the short list, a stub for any other."""

    def __init__(self, python2_names):
        self.python2_names = python2_names
        self.stubs = {}

    def find(self, module, name):
        if self.python2_names and not PYTHON2:
            module, name = python3_name(module, name)
        if (module, name) in REAL:
            return REAL[module, name]
        part = numpy_parts.find(module, name, inert_call)
        if part is not None:
            return part
        if (module, name) not in self.stubs:
            self.stubs[module, name] = stub(module, name)
        return self.stubs[module, name]


def inert_call(module, name, *args):
    return stub(module, name)(*args)


def python3_name(module, name):
    """As the C unpickler maps names of protocols 0 to 2, which a `find_class` of one's own has to do itself."""
    if (module, name) in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[module, name]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


def protocol_of(data):
    return bytearray(data[1:2])[0] if data[:1] == b"\x80" and len(data) > 1 else 0


def python2_unpickler(stream, classes):
    unpickler = c_pickle.Unpickler(stream)
    unpickler.find_global = classes.find
    unpickler.persistent_load = Persistent
    return unpickler


def python3_unpickler(stream, classes, encoding, buffers):
    class Unpickler(c_pickle.Unpickler):
        def find_class(self, module, name):
            return classes.find(module, name)

        def persistent_load(self, pid):
            return Persistent(pid)

    out_of_band = {} if buffers is None else {"buffers": buffers}
    return Unpickler(stream, encoding=encoding, errors="strict", **out_of_band)


def unpickler(stream, data, encoding="ASCII", fix_imports=True, buffers=None):
    """The C unpickler over a stream; `data`, its first bytes, says the protocol. Encoding and buffers: Python 3."""
    classes = Classes(fix_imports and protocol_of(data) < 3)
    if PYTHON2:
        return python2_unpickler(stream, classes)
    return python3_unpickler(stream, classes, encoding, buffers)


def stream_of(data):
    return io.BytesIO(data) if not PYTHON2 else cStringIO.StringIO(data)


def loads(data, **options):
    """The first pickle in the bytes. Options: encoding, fix_imports, buffers, extensions (code: "module.name")."""
    return next(loads_all(data, **options))


def loads_all(data, extensions=None, one_memo=False, **options):
    """Every pickle in the bytes, one after the other; with `one_memo` by one unpickler, as one pickler wrote them."""
    stream, reader = stream_of(data), None
    while reader is None or stream.tell() < len(data):
        if reader is None or not one_memo:
            reader = unpickler(stream, data[stream.tell() :], **options)
        register(extensions or {})
        try:
            value = reader.load()
        finally:
            unregister(extensions or {})
        yield value


def register(extensions):
    for code, name in extensions.items():
        copyreg.add_extension(*registration(code, name))


def unregister(extensions):
    for code, name in extensions.items():
        copyreg.remove_extension(*registration(code, name))
    copyreg.clear_extension_cache()


def registration(code, name):
    module, _, qualified = name.rpartition(".")
    return str(module), str(qualified), int(code)
