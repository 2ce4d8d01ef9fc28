# -*- coding: utf-8 -*-
"""Arrays of a real numpy: pickles them, and loads what picklet made of arrays. One JSON request on standard input, its answer on standard output.

    {"do": "dumps"} -> [{"name", "protocol", "data": base64, "buffers": [base64]}], every kind of array at every protocol
    {"do": "loads", "pickles": [{"data": base64, "buffers": [base64]}]}
        -> [{"type", "dtype", "shape", "hex" in C order and native byte order, "C", "F", "writeable"}] or [{"error"}]

Runs in Python 2.7, 3.6 and later with numpy 1.6 and later.
"""

import base64
import binascii
import json
import pickle
import sys

import numpy

NUMBERS = (
    "? i1 u1 <i2 >i2 <u2 >u2 <i4 >i4 <u4 >u4 <i8 >i8 <u8 >u8 <f2 >f2 <f4 >f4 <f8 >f8 <f16 >f16 <c8 >c8 <c16 >c16 <c32"
).split()
OTHERS = [
    "S1",
    "S3",
    "<U1",
    "<U3",
    ">U3",
    "V2",
    "V5",
    "O",
    "<M8[ns]",
    ">M8[25s]",
    "<m8[D]",
    "<M8",
    "<m8",
    [("x", "<i4"), ("y", "S2")],
    [("first", ">f8"), ("second", "<U2"), ("third", "<i2", (2, 3))],
    [(("title", "name"), "<i4"), ("other", [("deep", "<f4"), ("deeper", "u1")])],
    [("long", "<f16"), ("after", "u1")],
]
SHAPES = [(), (0,), (1,), (3,), (2, 3), (3, 0, 2), (2, 1, 4), (2, 3, 2, 2)]


def unpacked(text):
    return base64.b64decode(text.encode("ascii"))


def packed(data):
    return base64.b64encode(data).decode("ascii")


def dtypes():
    found = [numpy.dtype(descr) for descr in NUMBERS + OTHERS]
    # Python 3.11 and 3.12 may intern another "b" than the one-character string that codecs give: then equal strings are two.
    if sys.intern("b") is chr(98):
        found += [numpy.dtype([("a", "<i4"), ("b", "?")]), numpy.dtype([("b", "<i2"), ("latin1", "<i2")])]
    return found + [
        numpy.dtype([("x", "u1"), ("y", "<f8")], align=True),
        numpy.dtype({"names": ["p", "q"], "formats": ["<i2", "<i4"], "offsets": [2, 8], "itemsize": 16}),
    ]


def filled(dtype, shape):
    """An array whose items differ."""
    size = int(numpy.prod(shape))
    if dtype.kind == "O":
        items = numpy.empty(size, dtype)
        items[:] = [[i, "text", None, 1.5][i % 4] for i in range(size)]
        return items.reshape(shape)
    if dtype.kind == "U":
        return numpy.array([chr(97 + i % 26) * (i % 4) for i in range(size)]).astype(dtype).reshape(shape)
    count = size * dtype.itemsize
    bits = (numpy.arange(count) * 37 % 251).astype("u1")
    if dtype.kind == "b":
        bits &= 1
    return numpy.frombuffer(bits.tobytes() + b"\0" * 64, dtype, max(size, 1))[:size].reshape(shape).copy()


def arrays():
    """Arrays by name: every dtype in C and Fortran order and with gaps."""
    for dtype in dtypes():
        for shape in SHAPES:
            array = filled(dtype, shape)
            name = "%s %s" % (dtype, shape)
            yield name + " C", array
            if len(shape) > 1:
                yield name + " F", numpy.asfortranarray(array)
                yield name + " T", array.T
                yield name + " moved", numpy.moveaxis(array, 0, 1)
            if shape:
                yield name + " strided", array[..., ::2]
            if len(shape) == 1:
                yield name + " reversed", array[::-1]
            if len(shape) == 2:
                locked = array.copy()
                locked.flags.writeable = False
                yield name + " read-only", locked
    yield "shared dtype", [numpy.arange(3.0), numpy.arange(4.0), numpy.arange(4).reshape(2, 2)]
    twice = numpy.arange(5.0)
    yield "shared array", [twice, twice, {"key": twice}]
    yield "in a dict", {"float64": numpy.arange(3.0), "i4": numpy.arange(3, dtype="i4"), "<": [numpy.float32(1.5), "f8"]}
    yield "large", numpy.arange(9100.0).reshape(70, 130)
    yield "large F", numpy.asfortranarray(numpy.arange(9100.0).reshape(70, 130))
    yield "of 64 KiB and more", [numpy.zeros(size, "u1") for size in (65535, 65536, 65537, 200000)]


def scalars():
    for dtype in dtypes():
        if dtype.kind != "O":
            yield "scalar %s" % dtype, filled(dtype, (3,))[1]
    one = numpy.float64(2.5)
    yield "scalars of one dtype", [one, one, numpy.float64(3.5), numpy.int64(1), numpy.bool_(True)]
    yield "a dtype", [numpy.dtype("<f8"), numpy.dtype(">i4"), numpy.dtype("S3")]


def of_one_byte(value):
    return isinstance(value, (numpy.ndarray, numpy.generic)) and value.nbytes < 2


def neither_order(value):
    return isinstance(value, numpy.ndarray) and not (value.flags.c_contiguous or value.flags.f_contiguous)


def dumps():
    answers = []
    for name, value in list(arrays()) + list(scalars()):
        if of_one_byte(value):
            continue
        for protocol in range(min(pickle.HIGHEST_PROTOCOL, 5) + 1):
            if protocol == 5 and neither_order(value):
                continue
            answers.append({"name": name, "protocol": protocol, "data": packed(pickle.dumps(value, protocol))})
            if protocol == 5:
                buffers = []
                data = packed(pickle.dumps(value, 5, buffer_callback=buffers.append))
                if buffers:
                    taken = [packed(buffer.raw().tobytes()) for buffer in buffers]
                    answers.append({"name": name, "protocol": 5, "data": data, "buffers": taken})
    return answers


def contents(array):
    return array.tobytes() if hasattr(array, "tobytes") else array.tostring()


def described(array):
    flags = array.flags
    # numpy itself loads arrays of the other byte order in the machine's, except by _frombuffer.
    array = array.astype(array.dtype.newbyteorder("="))
    return {
        "type": type(array).__name__,
        "dtype": array.dtype.str,
        "shape": list(array.shape),
        "hex": binascii.hexlify(contents(array)).decode("ascii"),
        "C": bool(flags.c_contiguous),
        "F": bool(flags.f_contiguous),
        "writeable": bool(flags.writeable),
    }


def loaded(request):
    try:
        options = {"buffers": [unpacked(text) for text in request["buffers"]]} if request.get("buffers") else {}
        return described(pickle.loads(unpacked(request["data"]), **options))
    except Exception as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}


def main():
    request = json.loads(sys.stdin.read())
    answer = dumps() if request["do"] == "dumps" else [loaded(one) for one in request["pickles"]]
    sys.stdout.write(json.dumps(answer))


main()
