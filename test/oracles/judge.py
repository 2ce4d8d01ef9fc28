# -*- coding: utf-8 -*-
"""Answers what Python makes of pickles: a JSON request a line on standard input, its answer a line on standard output.

    {"do": "loads", "data": base64, "encoding", "fix_imports", "extensions", "buffers": [base64], "all", "one_memo"}
        -> {"value": tag} or {"values": [tag]} or {"error": "UnpicklingError: ..."}
    {"do": "each", "requests": [request]}
        -> [answer]
    {"do": "dumps", "tags": [tag], "protocol": 4}
        -> {"pickles": [{"data": base64, "value": tag of what loads again}]}
    {"do": "dis", "data": [base64], "indentlevel", "annotate"}: pickletools.dis of each, with one memo for all
        -> {"results": [{"output": text, "error": "ValueError: ..." or none}]}
    {"do": "survivors", ...}: see survivors.py
    {"do": "optimize", "data": [base64]} -> {"results": [{"data": base64} or {"error": ...}]}

Runs in Python 2.7, 3.6 and later, and in pyodide, with the modules of corpus/ on its path. Nothing that a pickle names
is run.
"""

import base64
import io
import json
import pickletools
import sys

import inert
import tags

try:
    from survivors import survivors
except ImportError:
    survivors = None


def unpacked(text):
    return base64.b64decode(text.encode("ascii"))


def packed(data):
    return base64.b64encode(data).decode("ascii")


READER_OPTIONS = ("encoding", "fix_imports", "extensions", "one_memo")


def reader_options(request):
    options = dict((name, request[name]) for name in READER_OPTIONS if name in request)
    if "buffers" in request:
        options["buffers"] = [unpacked(buffer) for buffer in request["buffers"]]
    return options


def loads(request):
    try:
        values = inert.loads_all(unpacked(request["data"]), **reader_options(request))
        if request.get("all"):
            return {"values": [tags.describe(value) for value in values]}
        return {"value": tags.describe(next(values))}
    except Exception as error:
        return {"error": error_text(error)}


def dumps(request):
    return {"pickles": [dumped(tags.make(tag), request["protocol"]) for tag in request["tags"]]}


def dumped(value, protocol):
    data = inert.c_pickle.dumps(value, protocol)
    encoding = {} if tags.PYTHON2 else {"encoding": "latin1"}
    return {"data": packed(data), "value": tags.describe(inert.loads(data, **encoding))}


def each(request):
    return [ANSWERS[one["do"]](one) for one in request["requests"]]


def error_text(error):
    return "%s: %s" % (type(error).__name__, error)


def dis(request):
    memo = {}
    options = dict((name, request[name]) for name in ("indentlevel", "annotate") if name in request)
    return {"results": [disassembled(unpacked(data), memo, options) for data in request["data"]]}


def disassembled(data, memo, options):
    output = io.StringIO()
    try:
        pickletools.dis(data, output, memo, **options)
        return {"output": output.getvalue()}
    except Exception as error:
        return {"output": output.getvalue(), "error": error_text(error)}


def optimize(request):
    return {"results": [optimized(unpacked(data)) for data in request["data"]]}


def optimized(data):
    try:
        return {"data": packed(pickletools.optimize(data))}
    except Exception as error:
        return {"error": error_text(error)}


ANSWERS = {"loads": loads, "dumps": dumps, "each": each, "dis": dis, "optimize": optimize, "survivors": survivors}


def answer(line):
    request = json.loads(line)
    return json.dumps(ANSWERS[request["do"]](request))


def main():
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        sys.stdout.write(answer(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
