# -*- coding: utf-8 -*-
"""The corpus' cases by name, and how each is written."""

import pickle
import sys

try:
    import cPickle as c_pickle
except ImportError:
    import _pickle as c_pickle

import io

from inert import register, unregister

PYTHON2 = sys.version_info[0] == 2
CASES = []
USUAL_PROTOCOLS = (0, 2, 4)
NUMPY_PROTOCOLS = (2, 4)
EVERY_PROTOCOL = (0, 1, 2, 3, 4, 5)

# The environments whose bytes are kept. The others run too, and are listed as writers of bytes that they write alike.
GENERATIONS = ("py313-np24", "py27-np116")
NUMPY_GENERATIONS = ("py313-np24", "py312-np20", "py311-np126", "py27-np116", "py27-np16")


class Skip(Exception):
    """This Python or numpy cannot make the case."""


class Case(object):
    """A value under a name, and what is out of the ordinary about how it is written:

    protocols  those to write, of those that the Python has
    least      the oldest Python that has what the case needs
    python     2 or 3 where only one of them can write it
    numpy      files are named after the environment, not only after the Python
    also       environments whose bytes are kept beside those of all cases
    write      how, one of the functions below
    and what a reader needs: encoding, extensions, buffers, one_memo, error
    """

    def __init__(self, family, name, build, **how):
        self.family, self.name, self.build = family, name, build
        self.numpy = how.pop("numpy", False)
        self.protocols = how.pop("protocols", NUMPY_PROTOCOLS if self.numpy else USUAL_PROTOCOLS)
        self.least = how.pop("least", (2, 7))
        self.python = how.pop("python", None)
        self.generations = (NUMPY_GENERATIONS if self.numpy else GENERATIONS) + tuple(how.pop("also", ()))
        self.write = how.pop("write", write_plain)
        self.options = how

    def fits(self):
        return sys.version_info[:2] >= self.least and self.python in (None, sys.version_info[0])

    def protocols_here(self):
        by_hand = self.write is write_bytes
        return [protocol for protocol in self.protocols if by_hand or protocol <= pickle.HIGHEST_PROTOCOL]


def case(family, name, **how):
    """Registers the function that builds the value."""

    def add(build):
        CASES.append(Case(family, name, build, **how))
        return build

    return add


class Written(object):
    """One file: its bytes, the buffers beside it, and which pickler made it."""

    def __init__(self, data, writer, buffers=()):
        self.data, self.writer, self.buffers = data, writer, list(buffers)


C_NAME = "cPickle" if PYTHON2 else "_pickle"


def write_plain(build, protocol, options):
    """By the C pickler, as nearly all files are."""
    extensions = options.get("extensions", {})
    register(extensions)
    try:
        return [Written(c_pickle.dumps(build(), protocol), C_NAME)]
    finally:
        unregister(extensions)


def write_both(build, protocol, options):
    """By the C pickler and, in Python 2, by pickle.py, whose bytes differ: it numbers and fills the memo otherwise."""
    files = write_plain(build, protocol, options)
    return files + [Written(pickle.dumps(build(), protocol), "pickle")] if PYTHON2 else files


def write_out_of_band(build, protocol, options):
    buffers = []
    data = c_pickle.dumps(build(), protocol, buffer_callback=buffers.append)
    return [Written(data, C_NAME, [buffer.raw().tobytes() for buffer in buffers])]


def persistent_pickler(stream, protocol):
    if PYTHON2:
        pickler = c_pickle.Pickler(stream, protocol)
        pickler.persistent_id = pid_of
        return pickler

    class Pickler(c_pickle.Pickler):
        def persistent_id(self, value):
            return pid_of(value)

    return Pickler(stream, protocol)


def pid_of(value):
    return getattr(value, "pid", None)


def write_persistent(build, protocol, options):
    """Objects that have an attribute `pid` are left outside under that id."""
    stream = io.BytesIO()
    persistent_pickler(stream, protocol).dump(build())
    return [Written(stream.getvalue(), C_NAME)]


def write_several(build, protocol, options):
    """Each item of the value as a pickle of its own, one after the other; with `one_memo` by one pickler."""
    if not options.get("one_memo"):
        return [Written(b"".join(c_pickle.dumps(item, protocol) for item in build()), C_NAME)]
    stream = io.BytesIO()
    pickler = c_pickle.Pickler(stream, protocol)
    for item in build():
        pickler.dump(item)
    return [Written(stream.getvalue(), C_NAME)]


def write_bytes(build, protocol, options):
    """The case gives the bytes themselves, for what no pickler writes."""
    return [Written(build(), "by hand")]
