# -*- coding: utf-8 -*-
"""numpy's arrays, scalars and dtypes, from numpy 1.6 on, and a dataset as people keep them."""

import numpy

from registry import EVERY_PROTOCOL, Skip, case, write_out_of_band

NUMERIC = "b1 i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16".split()
NEWEST = dict(protocols=[4], numpy=True, least=(3, 13))


def sample(dtype, count=6):
    """Values at the edges of a dtype."""
    dtype = numpy.dtype(dtype)
    if dtype.kind == "b":
        return (numpy.arange(count) % 2).astype(dtype)
    if dtype.kind in "iu":
        limits = numpy.iinfo(dtype)
        return numpy.array([0, 1, limits.max, limits.min, limits.max - 1, 7][:count], dtype=dtype)
    values = [0.0, -0.0, 1.5, float("inf"), -float("inf"), float("nan")][:count]
    if dtype.kind == "c":
        values = [complex(value, number) for number, value in enumerate(values)]
    return numpy.array(values).astype(dtype)


def dtype_case(code):
    name = numpy.dtype(code).name

    @case("numpy", name, **NEWEST)
    def build():
        return sample(code).reshape(2, 3)

    return build


for _code in NUMERIC:
    if _code != "f8":
        dtype_case(_code)


@case("numpy", "float64", protocols=[2, 4, 5], numpy=True, least=(3, 13))
def float64():
    """A surface over a grid: 64 rows, 48 columns."""
    rows, columns = numpy.mgrid[0:64, 0:48]
    return numpy.round(numpy.hypot(rows - 32.0, columns - 24.0) / 8.0, 3)


@case("numpy", "little_endian", also=("py36-np119", "py36-np111"), protocols=EVERY_PROTOCOL, numpy=True)
def little_endian():
    return [sample("<" + code) for code in NUMERIC]


@case("numpy", "big_endian", numpy=True)
def big_endian():
    return [sample(">" + code) for code in NUMERIC]


@case("numpy", "layouts", protocols=EVERY_PROTOCOL, numpy=True)
def layouts():
    grid = numpy.arange(6, dtype="<i2").reshape(2, 3)
    cube = numpy.arange(24, dtype="<i4").reshape(2, 3, 4)
    return {
        u"c": grid,
        u"fortran": numpy.asfortranarray(grid),
        u"fortran_3d": numpy.asfortranarray(cube),
        u"transposed": cube.transpose(1, 0, 2),
        u"strided": grid[:, ::2],
        u"reversed": grid[::-1],
        u"zero_d": numpy.array(3.5),
        u"empty": numpy.zeros((3, 0, 2), "<f4"),
        u"one_row": grid[:1],
        u"seven_d": numpy.arange(2, dtype="<u1").reshape((1, 1, 1, 2, 1, 1, 1)),
    }


@case("numpy", "scalars", numpy=True)
def scalars():
    return [sample("<" + code)[1 if code[0] == "b" else 2] for code in NUMERIC] + [sample(">i4")[2], sample(">f8")[2]]


@case("numpy", "objects", numpy=True)
def objects():
    shared = [1]
    mixed = numpy.empty((2, 3), dtype=object)
    mixed[:] = [[None, 1, u"two"], [3.5, (4,), shared]]
    nested = numpy.empty(2, dtype=object)
    nested[:] = [numpy.arange(2, dtype="<i4"), numpy.float32(0.5)]
    return [
        mixed,
        numpy.asfortranarray(mixed),
        nested,
        shared,
        numpy.array(None, dtype=object),
        numpy.zeros(0, dtype=object),
    ]


@case("numpy", "sharing", numpy=True)
def sharing():
    shared = numpy.arange(3, dtype="<f4")
    return {u"first": shared, u"second": shared, u"in_list": [shared], u"dtype": shared.dtype}


@case("numpy", "dtypes", numpy=True)
def dtypes():
    codes = "<f8 >f8 |b1 <i4 |S5 <U3 >U3 |O |V4".split()
    return [numpy.dtype(code) for code in codes] + [
        numpy.dtype([("a", "<i4"), ("b", ">f8")]),
        numpy.dtype([("v", "<f4", (2, 3))]),
    ]


@case("numpy", "text_and_records", numpy=True)
def text_and_records():
    """Dtypes that picklet keeps as raw bytes for now."""
    records = numpy.zeros(2, dtype=[("id", "<i4"), ("name", "S4"), ("at", ">f8")])
    records["id"], records["name"] = [1, 2], [b"ab", b"cd"]
    thirds = numpy.array([1, 3], dtype="g") / numpy.array([3, 7], dtype="g")
    thirds.view("u1").reshape(2, 16)[:, 10:] = 0  # padding, which would be whatever was in memory
    return [numpy.array([b"a", b"bcd", b""]), numpy.array([u"\xe9", u"\u20acx"]), records, thirds]


@case("numpy", "big_endian_text", protocols=[2, 4], numpy=True, least=(3, 11))
def big_endian_text():
    return numpy.array([[u"ab", u"\xe9"], [u"", u"\u20ac"]]).astype(">U2")


@case("numpy", "dates", numpy=True)
def dates():
    if numpy.__version__.startswith(("1.6", "1.9")):
        raise Skip("numpy 1.6 has another datetime64, 1.9 does not read the big-endian one that it writes")
    days = numpy.array([0, 1, -1, 20000, numpy.iinfo("i8").min], dtype="i8")
    return [days.view("M8[D]"), days.view("M8[25s]"), days.view("m8[us]"), days.view("M8[s]").astype(">M8[s]")]


@case("numpy", "subclasses", numpy=True)
def subclasses():
    return [numpy.matrix([[1, 2], [3, 4]], dtype="<i2"), numpy.arange(3, dtype="<u1").view(numpy.recarray)]


@case("numpy", "out_of_band", protocols=[5], least=(3, 8), numpy=True, write=write_out_of_band)
def out_of_band():
    grid = numpy.arange(6, dtype="<f8").reshape(2, 3)
    return {
        u"c": grid,
        u"fortran": numpy.asfortranarray(grid + 10),
        u"big_endian": numpy.arange(4, dtype=">i2"),
        u"object": numpy.array([None]),
    }


@case("python2", "cifar_batch", python=2, protocols=[2], numpy=True)
def cifar_batch():
    """A batch as CIFAR-10 ships them: a dict with str keys, images as rows of 3 x 32 x 32 bytes."""
    count = 8
    rows = numpy.arange(count, dtype="<i8").reshape(count, 1)
    pixels = numpy.arange(3072, dtype="<i8").reshape(1, 3072)
    return {
        "data": ((pixels * (rows + 3)) // 7 % 256).astype("u1"),
        "labels": [6, 9, 9, 4, 1, 1, 2, 7],
        "batch_label": "training batch 1 of 5",
        "filenames": ["leptodactylus_pentadactylus_s_%06d.png" % (4 * number) for number in range(count)],
    }


@case("python2", "latin1_frame", python=2, numpy=True)
def latin1_frame():
    """Columns by Latin-1 names, as old instruments and surveys left them."""
    return {
        "temp\xe9rature": numpy.array([20.5, 21.25]),
        "\xb5V": numpy.array([3, 250, 7], dtype="<i2"),
        "station": "Z\xfcrich",
    }
