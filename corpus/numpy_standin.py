# -*- coding: utf-8 -*-
"""Stands in for numpy_real.py: takes dtypes, arrays and scalars as pickles make them, and describes them alike."""

import binascii
import hashlib
import itertools
import re
import struct

HOMES = re.compile(r"^numpy\.(core|_core)\.(multiarray|numeric|_multiarray_umath)$")
MAX_LISTED = 64
FORMATS = {"b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q"}
FORMATS.update({"f2": "e", "f4": "f", "f8": "d", "c8": "ff", "c16": "dd"})


class DType(object):
    """numpy.dtype: made of its text ("f8", "S5", "V16", "O8"), then told the rest by BUILD."""

    __module__, __qualname__ = "numpy", "dtype"

    def __init__(self, text, align=False, copy=False):
        if isinstance(text, bytes):
            text = text.decode("latin-1")
        self.code = re.sub(r"^[<>|=]", "", text) if isinstance(text, str) else "V"
        self.order, self.itemsize = "|", -1
        self.subarray = self.names = self.fields = self.metadata = None

    def __setstate__(self, state):
        self.order, self.subarray, self.names, self.fields, self.itemsize = state[1:6]
        self.order = text_of(self.order)
        if len(state) > 8:
            self.metadata = state[8]

    @property
    def kind(self):
        return self.code[0]

    @property
    def size(self):
        """Bytes of one element."""
        if self.itemsize is not None and self.itemsize >= 0:
            return self.itemsize
        if self.kind == "O":
            return 8
        return int(self.code[1:] or 8) * (4 if self.kind == "U" else 1)

    @property
    def str(self):
        """As numpy's dtype.str."""
        order = {"=": "<", "|": "|"}.get(self.order, self.order)
        if self.kind == "O":
            return "|O"
        if self.kind in "SV" or self.size == 1:
            order = "|"
        count = self.size // 4 if self.kind == "U" else self.size
        return "%s%s%d%s" % (order, self.kind, count, self.unit())

    def unit(self):
        if self.kind not in "Mm" or not self.metadata:
            return ""
        name, count = self.metadata[1][:2]
        name = text_of(name)
        return "" if name == "generic" else "[%s%s]" % ("" if count == 1 else count, name)

    def tag(self, describe=None):
        tag = {"t": "dtype", "str": self.str, "kind": self.kind, "itemsize": self.size}
        if self.names:
            tag["fields"] = [self.field_tag(name) for name in self.names]
        if self.subarray:
            base, shape = self.subarray
            tag["subdtype"] = [base.str, list(shape) if isinstance(shape, tuple) else [shape]]
        return tag

    def field_tag(self, name):
        kind, offset = self.fields[name][:2]
        return {"name": text_of(name), "dtype": kind.short(), "offset": offset}

    def short(self):
        return self.tag() if self.names or self.subarray else self.str


class NDArray(object):
    """numpy.ndarray: made empty by _reconstruct, filled by BUILD; or made of a buffer by _frombuffer."""

    __module__, __qualname__ = "numpy", "ndarray"
    buffered = False

    def __setstate__(self, state):
        shape, dtype, fortran, data = state[-4:]
        if not isinstance(data, list):
            data = raw_of(data)
        self.fill(shape, dtype, "F" if fortran and len(shape) > 1 else "C", data)

    def fill(self, shape, dtype, order, data):
        self.shape, self.dtype = tuple(shape), dtype
        unit = 1 if isinstance(data, list) else dtype.size
        wanted = unit
        for length in self.shape:
            wanted *= length
        if wanted != len(data):
            raise ValueError("buffer size does not match array size")
        self.order = "C" if self.is_c_contiguous() else order
        axes = range(len(self.shape))[::-1]
        in_fortran_order = order == "F" and not isinstance(data, list)  # a list of objects is in C order even then
        self.data = transposed(data, unit, self.shape[::-1], axes) if in_fortran_order else data

    def transpose(self, axes):
        """Another order of the axes; as numpy says it, neither C nor F in memory, which counts as C."""
        self.data = transposed(self.data, self.dtype.size, self.shape, axes)
        self.shape = tuple(self.shape[axis] for axis in axes)

    def is_c_contiguous(self):
        return sum(length != 1 for length in self.shape) < 2 or 0 in self.shape

    def tag(self, describe):
        tag = {"t": "ndarray", "dtype": None, "shape": list(self.shape), "order": self.order}
        if isinstance(self.data, list):
            tag["dtype"] = self.dtype.short()
            tag["values"] = describe.sequence(self.data[:MAX_LISTED])
            return tag
        native, data = self.native()
        tag["dtype"] = native.short()
        tag["sha256"] = hashlib.sha256(without_padding(data, native)).hexdigest()
        values = values_of(native, data)
        if values is not None and len(values) <= MAX_LISTED:
            tag["values"] = describe.sequence(values)
        return tag

    def native(self):
        """dtype and bytes as numpy has them: a state in another byte order is swapped, a buffer is not."""
        return (self.dtype, self.data) if self.buffered else swapped(self.dtype, self.data)


class Scalar(object):
    """numpy.core.multiarray.scalar(dtype, data)"""

    def __init__(self, dtype, data):
        self.dtype, self.data = dtype, data

    def tag(self, describe):
        native, data = swapped(self.dtype, raw_of(self.data))
        tag = {"t": "npscalar", "dtype": native.short()}
        tag["hex"] = binascii.hexlify(without_padding(data, native)).decode("ascii")
        values = values_of(native, data)
        if values:
            tag["v"] = describe(values[0])
        return tag


def text_of(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def raw_of(data):
    """Bytes of what a state brings: a str is Python 2's str as `encoding="latin1"` reads it."""
    return data.encode("latin-1") if isinstance(data, str) else bytes(data)


def component_size(dtype):
    """Bytes of what byte order applies to."""
    return {"c": dtype.size // 2, "U": 4, "S": 1, "V": 1}.get(dtype.kind, dtype.size) or 1


def byteswapped(data, size):
    return b"".join(data[start : start + size][::-1] for start in range(0, len(data), size))


def swapped(dtype, data):
    """dtype and bytes brought into the machine's order, as numpy does with plain arrays when it reads them."""
    if dtype.order != ">" or dtype.names or dtype.subarray:
        return dtype, data
    native = DType(dtype.code)
    native.__dict__.update(dtype.__dict__)
    native.order = "<"
    return native, byteswapped(data, component_size(native))


def transposed(data, unit, shape, axes):
    """The elements of an array in C order, in C order of the array with its axes so exchanged."""
    strides, step, pieces = [], unit, []
    for length in reversed(shape):
        strides.insert(0, step)
        step *= length
    for index in itertools.product(*(range(shape[axis]) for axis in axes)):
        start = sum(i * strides[axis] for i, axis in zip(index, axes))
        pieces.append(data[start : start + unit])
    return b"".join(pieces)


def without_padding(data, dtype):
    """The six unused bytes of each x87 long double as zeros."""
    if dtype.str[1:] not in ("f16", "c32"):
        return data
    return b"".join(data[start : start + 10] + bytes(6) for start in range(0, len(data), 16))


def values_of(dtype, data):
    """The elements as Python's own values, for the numeric dtypes and text; None for the others."""
    if dtype.names or dtype.subarray:
        return None
    if dtype.kind in "SU" and dtype.size:
        pieces = [data[start : start + dtype.size] for start in range(0, len(data), dtype.size)]
        return [text_element(dtype, piece) for piece in pieces]
    code = FORMATS.get(dtype.str[1:])
    if code is None:
        return None
    items = list(struct.iter_unpack((">" if dtype.order == ">" else "<") + code, data))
    return [complex(*item) if len(item) == 2 else item[0] for item in items]


def text_element(dtype, piece):
    if dtype.kind == "S":
        return piece.rstrip(b"\0")
    codec = "utf-32-be" if dtype.order == ">" else "utf-32-le"
    return piece.decode(codec, "surrogatepass").rstrip("\0")


def array_from_buffer(buffer, dtype, shape, order, axis_order=None):
    made = NDArray()
    made.buffered = True
    made.fill(shape, dtype, "F" if order == "F" else "C", bytes(buffer))
    if order == "K" and axis_order is not None:
        made.transpose(axis_order)
    return made


def find(module, name, inert_call):
    if module == "numpy" and name in ("ndarray", "dtype"):
        return {"ndarray": NDArray, "dtype": DType}[name]
    if not HOMES.match(module):
        return None
    if name == "_reconstruct":
        return reconstructor(module, inert_call)
    made = {"scalar": make_scalar, "_frombuffer": array_from_buffer}.get(name)
    if made is not None:
        made.__module__, made.__name__, made.__qualname__ = module, name, name
    return made


def make_scalar(dtype, data=None):
    return data if dtype.kind == "O" else Scalar(dtype, data)


def reconstructor(module, inert_call):
    def reconstruct(subtype, shape, typecode):
        if subtype is not NDArray:
            return inert_call(module, "_reconstruct", subtype, shape, typecode)
        return NDArray()

    reconstruct.__module__, reconstruct.__name__, reconstruct.__qualname__ = module, "_reconstruct", "_reconstruct"
    return reconstruct


def tag_of_value(value, describe):
    return value.tag(describe) if isinstance(value, (DType, Scalar)) else None


def tag_of_object(value, describe):
    return value.tag(describe) if isinstance(value, NDArray) else None
