"""Runs the Python that diagnosis advises: a JSON request, {"cases": [{"data", "original": base64, "command", "latin1"}]}, gives for
each case what went wrong, or null. Each file is case.pkl in a folder of its own; a command must give what the pickle in it holds."""

import base64
import json
import os
import pickle
import sys
import tempfile
import warnings


def imports_of(command):
    head, _, rest = command.partition("; ")
    return (head, rest) if head.startswith("import ") else ("", command)


def outcome(case):
    original = base64.b64decode(case["original"])
    options = {"encoding": "latin1"} if case["latin1"] else {}
    with open("case.pkl", "wb") as file:
        file.write(base64.b64decode(case["data"]))
    head, expression = imports_of(case["command"])
    names = {"pickle": pickle}
    try:
        exec(head, names)
    except ImportError as error:
        return "no module: %s" % error
    try:
        value = eval(expression, names)
        if "unpacked.pkl" in expression:
            with open("unpacked.pkl", "rb") as file:
                return None if original.startswith(file.read()) else "other bytes"
        if "truncate" in expression:
            with open("case.pkl", "rb") as file:
                return None if file.read() == original else "other bytes"
        expected = pickle.loads(original, **options)
        return None if repr(value) == repr(expected) else "gave %.200r" % (value,)
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)


def answer(line):
    warnings.simplefilter("ignore")
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return json.dumps([outcome(case) for case in json.loads(line)["cases"]])
        finally:
            os.chdir(before)


if __name__ == "__main__":
    sys.stdout.write(answer(sys.stdin.read()))
