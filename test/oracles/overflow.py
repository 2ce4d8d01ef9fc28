# -*- coding: utf-8 -*-
"""Loads pickles as any program does: {"pickles": [base64], "encoding"} on standard input; the values on standard output, as text of hex."""

import base64
import binascii
import json
import pickle
import sys


def hexadecimal(value):
    if isinstance(value, type(u"")):
        return "text " + binascii.hexlify(value.encode("utf-8")).decode("ascii")
    if isinstance(value, (bytes, bytearray)):
        return binascii.hexlify(bytes(value)).decode("ascii")
    if isinstance(value, (list, tuple)):
        return [hexadecimal(item) for item in value]
    data = value.tobytes() if hasattr(value, "tobytes") else value.tostring()
    return [value.dtype.str, list(value.shape), binascii.hexlify(data).decode("ascii")]


def main():
    request = json.loads(sys.stdin.read())
    options = {} if sys.version_info[0] == 2 else {"encoding": request["encoding"]}
    loaded = [pickle.loads(base64.b64decode(text), **options) for text in request["pickles"]]
    sys.stdout.write(json.dumps([hexadecimal(value) for value in loaded]))


main()
