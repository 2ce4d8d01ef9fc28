# -*- coding: utf-8 -*-
"""Writes the corpus: pickles of real Pythons, and beside each what Python loads from it.

  python corpus/generate.py                  everything, by the Pythons of the oracles' index.json
  python corpus/generate.py --env NAME OUT   what the Python that runs it writes, for the environment NAME

Every Python writes into a folder of its own first (--env); then files with the same bytes are kept once, under the name
of the newest Python that wrote them. README.md says how files are named. Runs with Python 2.7 and 3.6 or later, except
that only Python 3 runs the others.
"""

from __future__ import print_function

import argparse
import collections
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)


# ---- one Python
def import_cases():
    import cases_opcodes  # noqa: F401
    import cases_python  # noqa: F401
    import registry

    try:
        import cases_numpy  # noqa: F401
    except ImportError:
        print("no numpy: its families are left out")
    return registry


def environment(name):
    packages = {}
    if "numpy" in sys.modules:
        packages["numpy"] = sys.modules["numpy"].__version__
    return {"env": name, "python": platform.python_version(), "packages": packages}


def generate(name, out):
    """Writes <number>.pkl and its buffers for each file, and manifest.json that describes them all."""
    registry = import_cases()
    listing = []
    for case in registry.CASES:
        if case.fits():
            listing.extend(files_of(case, registry, out, len(listing)))
    manifest = dict(environment(name), files=listing)
    with io.open(os.path.join(out, "manifest.json"), "w", encoding="ascii") as stream:
        stream.write(u"%s" % json.dumps(manifest))
    print("%s: %d files" % (name, len(listing)))


def files_of(case, registry, out, number):
    listing = []
    for protocol in case.protocols_here():
        try:
            written = case.write(case.build, protocol, case.options)
        except registry.Skip:
            return listing
        for file in written:
            listing.append(described(case, protocol, file, out, number + len(listing)))
    return listing


def described(case, protocol, file, out, number):
    """Puts one file into the folder and says what it holds, as this Python reads it."""
    buffers = [bytes(buffer) for buffer in case.options.get("buffers", file.buffers)]
    names = ["%d.pkl" % number] + ["%d.buf%d" % (number, position) for position in range(len(buffers))]
    for name, data in zip(names, [file.data] + buffers):
        with open(os.path.join(out, name), "wb") as stream:
            stream.write(data)
    return {
        "family": case.family,
        "case": case.name,
        "protocol": protocol,
        "writer": file.writer,
        "numpy": case.numpy,
        "generations": case.generations,
        "stored": names,
        "expected": expected(case, file.data, buffers),
    }


READER_OPTIONS = ("encoding", "extensions", "one_memo")


def expected(case, data, buffers):
    """What goes into the file's JSON: the options to read it with, and the value or values, or the error."""
    import inert
    import tags

    document = {"options": dict((name, case.options[name]) for name in READER_OPTIONS if name in case.options)}
    options = dict(document["options"], **({"buffers": buffers} if buffers else {}))
    if "error" in case.options:
        return dict(document, error=case.options["error"], python=error_of(data, options))
    values = [tags.describe(value) for value in inert.loads_all(data, **options)]
    return dict(document, values=values) if case.family == "streams" else dict(document, value=values[0])


def error_of(data, options):
    """How this Python refuses it: recorded for the reader of the corpus, not compared."""
    import inert

    try:
        inert.loads(data, **options)
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)
    raise AssertionError("Python loads what was to be refused")


# ---- all Pythons
def oracles():
    root = os.environ.get("PICKLET_ORACLES")
    if not root:
        cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        root = os.path.join(cache, "picklet-oracles")
    with open(os.path.join(root, "index.json")) as stream:
        listed = json.load(stream)
    return sorted(listed, key=lambda oracle: [int(part) for part in oracle["version"].split(".")], reverse=True)


def generate_all(out):
    work = tempfile.mkdtemp()
    try:
        store = Store()
        for oracle in oracles():
            folder = os.path.join(work, oracle["name"])
            os.mkdir(folder)
            command = [oracle["python"], os.path.join(HERE, "generate.py"), "--env", oracle["name"], folder]
            subprocess.check_call(command, env=dict(os.environ, PYTHONHASHSEED="0", OPENBLAS_NUM_THREADS="1"))
            store.take(folder)
        store.write(out)
    finally:
        shutil.rmtree(work)


class Store(object):
    """Files of all Pythons, the same bytes once, and one JSON for each case."""

    def __init__(self):
        self.contents = collections.OrderedDict()  # name -> bytes, of pickles and of buffers beside them
        self.names = {}  # (family, case, protocol, digest of contents) -> name
        self.cases = collections.OrderedDict()  # "family/case" -> its JSON
        self.environments = []

    def take(self, folder):
        with open(os.path.join(folder, "manifest.json")) as stream:
            manifest = json.load(stream)
        self.environments.append(
            {"env": manifest["env"], "python": manifest["python"], "packages": manifest["packages"]}
        )
        for file in manifest["files"]:
            contents = []
            for name in file["stored"]:
                with open(os.path.join(folder, name), "rb") as stream:
                    contents.append(stream.read())
            self.add(file, contents, manifest["env"])

    def add(self, file, contents, env):
        digest = hashlib.sha256(b"|".join(contents)).hexdigest()
        key = (file["family"], file["case"], file["protocol"], digest)
        if key not in self.names:
            if env not in file["generations"]:
                return
            self.names[key] = self.keep(file, contents, env)
        case, name = self.names[key]
        self.cases[case]["files"][name]["writers"].setdefault(file["writer"], []).append(env)

    def keep(self, file, contents, env):
        case = "%s/%s" % (file["family"], file["case"])
        stem = "%s.p%d" % (self.free_stem(file, env), file["protocol"])
        buffers = ["%s.buf%d" % (stem, position) for position in range(len(contents) - 1)]
        names = [stem + ".pkl"] + buffers
        self.contents.update(("%s/%s" % (file["family"], name), data) for name, data in zip(names, contents))
        document = self.cases.setdefault(case, {"expected": [], "files": {}})
        if file["expected"] not in document["expected"]:
            document["expected"].append(file["expected"])
        entry = {"protocol": file["protocol"], "expected": document["expected"].index(file["expected"]), "writers": {}}
        document["files"][stem + ".pkl"] = dict(entry, buffers=buffers) if buffers else entry
        return case, stem + ".pkl"

    def free_stem(self, file, env):
        """<case>, or with the Python, or the whole environment, or the pickler too where that name is taken."""
        python = env.split("-")[0]
        suffixes = ["", "." + env] if file["numpy"] else ["", "." + python]
        if file["writer"] == "pickle":
            suffixes = [".%s-pickle" % python]
        for suffix in suffixes:
            if "%s/%s%s.p%d.pkl" % (file["family"], file["case"], suffix, file["protocol"]) not in self.contents:
                return file["case"] + suffix
        raise ValueError("no name is left for %s of %s" % (file["case"], env))

    def write(self, out):
        for family in sorted(set(name.split("/")[0] for name in self.contents)):
            shutil.rmtree(os.path.join(out, family), ignore_errors=True)
            os.makedirs(os.path.join(out, family))
        for name, data in self.contents.items():
            with open(os.path.join(out, name), "wb") as stream:
                stream.write(data)
        for case, document in self.cases.items():
            write_json(os.path.join(out, case + ".json"), document)
        write_json(os.path.join(out, "environments.json"), self.environments)
        size = sum(map(len, self.contents.values()))
        print("%d cases, %d pickles and buffers, %d bytes" % (len(self.cases), len(self.contents), size))


def write_json(path, document):
    with io.open(path, "w", encoding="ascii", newline="\n") as stream:
        stream.write(u"%s\n" % json.dumps(document, sort_keys=True, separators=(",", ":")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", default=HERE)
    parser.add_argument("--env")
    arguments = parser.parse_args()
    if arguments.env is None:
        generate_all(arguments.out)
    elif os.environ.get("PYTHONHASHSEED") == "0":
        generate(arguments.env, arguments.out)
    else:
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable] + sys.argv)


if __name__ == "__main__":
    main()
