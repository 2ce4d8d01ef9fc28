# -*- coding: utf-8 -*-
"""numpy's part of reading and describing, for numpy 1.6 to 2.x. Without numpy, numpy_standin.py has the same names."""

import binascii
import hashlib
import re

import numpy

try:
    import numpy._core.multiarray as multiarray
    import numpy._core.numeric as numeric
except ImportError:
    import numpy.core.multiarray as multiarray
    import numpy.core.numeric as numeric

MAX_LISTED = 64  # elements of an array that are listed
HOMES = re.compile(r"^numpy\.(core|_core)\.(multiarray|numeric|_multiarray_umath)$")


def find(module, name, inert_call):
    """The real function or class of numpy's own pickles; None for any other."""
    if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
        return getattr(numpy, name)
    if (module, name) in (("numpy", "record"), ("numpy.core.records", "record"), ("numpy._core.records", "record")):
        return numpy.record
    if not HOMES.match(module):
        return None
    if name == "_reconstruct":
        return reconstructor(module, inert_call)
    return {"scalar": multiarray.scalar, "_frombuffer": getattr(numeric, "_frombuffer", None)}.get(name)


def reconstructor(module, inert_call):
    def reconstruct(subtype, shape, typecode):
        if subtype is not numpy.ndarray:
            return inert_call(module, "_reconstruct", subtype, shape, typecode)
        return multiarray._reconstruct(subtype, shape, typecode)

    reconstruct.__module__, reconstruct.__name__ = module, "_reconstruct"
    return reconstruct


def hexadecimal(data):
    return binascii.hexlify(data).decode("ascii")


def tag_of_value(value, describe):
    """The tag of a scalar or dtype: values without an identity that matters."""
    if isinstance(value, numpy.dtype):
        return dtype_tag(value)
    if isinstance(value, numpy.generic):
        return scalar_tag(value, describe)
    return None


def tag_of_object(value, describe):
    return array_tag(value, describe) if isinstance(value, numpy.ndarray) else None


def dtype_tag(dtype):
    tag = {"t": "dtype", "str": dtype.str, "kind": dtype.kind, "itemsize": dtype.itemsize}
    if dtype.names:
        tag["fields"] = [field_tag(name, dtype.fields[name]) for name in dtype.names]
    if dtype.subdtype:
        tag["subdtype"] = [dtype.subdtype[0].str, list(dtype.shape)]
    return tag


def field_tag(name, field):
    kind = field[0]
    plain = not kind.names and not kind.subdtype
    return {"name": name, "dtype": kind.str if plain else dtype_tag(kind), "offset": int(field[1])}


def short_dtype(dtype):
    return dtype_tag(dtype) if dtype.names or dtype.subdtype else dtype.str


def raw_bytes(values):
    """The bytes in C order and the array's own byte order; the padding of long doubles as zeros."""
    ordered = numpy.array(values, copy=True, order="C")
    raw = ordered.tostring() if not hasattr(ordered, "tobytes") else ordered.tobytes()
    return without_padding(raw, ordered.dtype)


def without_padding(raw, dtype):
    if dtype.char not in "gG" or dtype.itemsize not in (16, 32) or numpy.finfo(dtype).nmant != 63:
        return raw
    kept = slice(6, 16) if dtype.byteorder == ">" else slice(0, 10)
    clean = bytearray(len(raw))
    for start in range(0, len(raw), 16):
        clean[start + kept.start : start + kept.stop] = raw[start + kept.start : start + kept.stop]
    return bytes(clean)


def scalar_tag(value, describe):
    tag = {"t": "npscalar", "name": type(value).__name__, "dtype": short_dtype(value.dtype)}
    tag["hex"] = hexadecimal(raw_bytes(value))
    if value.dtype.kind in "biufcSU" and value.dtype.char not in "gG":
        tag["v"] = describe(value.item())
    return tag


def array_tag(values, describe):
    tag = {"t": "ndarray", "dtype": short_dtype(values.dtype), "shape": list(values.shape)}
    tag["order"] = "F" if values.flags.f_contiguous and not values.flags.c_contiguous else "C"
    if values.dtype.hasobject:
        tag["values"] = describe.sequence(elements(values)[:MAX_LISTED])
        return tag
    if values.size <= MAX_LISTED and values.dtype.kind in "biufcSU" and values.dtype.char not in "gG":
        tag["values"] = describe.sequence(elements(values))
    tag["sha256"] = hashlib.sha256(raw_bytes(values)).hexdigest()
    return tag


def elements(values):
    flat = numpy.array(values, copy=True, order="C").reshape(-1)
    return [flat[i] for i in range(len(flat))] if values.dtype.hasobject else flat.tolist()
