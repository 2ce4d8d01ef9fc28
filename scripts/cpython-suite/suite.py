"""
Runs this Python's own test.test_pickle with the library between the tests and pickle:

    suite.py LIBRARY_COMMAND EXCLUSIONS OUTPUT [PATTERN]

LIBRARY_COMMAND is JSON, the command line of transcode.mjs; EXCLUSIONS the path of exclusions.json. OUTPUT gets JSON:
a list of { test, direction, outcome, detail, transcoded, refused }, with an outcome of "passed", "failed", "skipped"
(by CPython itself), "excluded", "needless" (excluded, but it passes). PATTERN is a regular expression that the tests'
names are searched for.
"""

import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from library import Library
from wrapped import Wrapping


class Outcome(unittest.TestResult):
    """What becomes of each test, and how many pickles went through the library for it."""

    def __init__(self, library):
        super().__init__()
        self._library = library
        self.rows = {}

    def startTest(self, test):
        super().startTest(test)
        self._library.transcoded = self._library.refused = 0
        self.rows[test] = {"outcome": "passed", "detail": ""}

    def stopTest(self, test):
        self.rows[test].update(transcoded=self._library.transcoded, refused=self._library.refused)
        super().stopTest(test)

    def addError(self, test, error):
        self._fail(test, error)

    def addFailure(self, test, error):
        self._fail(test, error)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self._fail(test, error, str(subtest._subDescription()))

    def addSkip(self, test, reason):
        self.rows[test].update(outcome="skipped", detail=reason)

    def _fail(self, test, error, where=""):
        said = self._exc_info_to_string(error, test) + where
        self.rows[test] = {"outcome": "failed", "detail": self.rows[test]["detail"] + said}


def name_of(test):
    return test.id().removeprefix("test.test_pickle.")


def all_tests(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from all_tests(test)
        else:
            yield test


def reason_to_exclude(exclusions, name, direction):
    for exclusion in exclusions:
        if direction in exclusion["directions"] and re.fullmatch(exclusion["tests"], name):
            return exclusion["reason"]
    return None


def run(test, library):
    outcome = Outcome(library)
    unittest.TestSuite([test]).run(outcome)
    [row] = outcome.rows.values() or [{"outcome": "failed", "detail": str(outcome.errors)}]
    return row


def rows(wrapping, library, exclusions, pattern):
    for direction in "write", "read":
        wrapping.direction = direction
        for test in all_tests(unittest.defaultTestLoader.loadTestsFromName("test.test_pickle")):
            name = name_of(test)
            if not re.search(pattern, name):
                continue
            reason = reason_to_exclude(exclusions, name, direction)
            row = run(test, library)
            if reason is not None and row["outcome"] != "skipped":
                row["outcome"] = "needless" if row["outcome"] == "passed" else "excluded"
                row["detail"] = reason
            yield {"test": name, "direction": direction, **row}


def main(command, exclusions, output, pattern=""):
    with open(exclusions) as file:
        exclusions = json.load(file)
    library = Library(json.loads(command))
    wrapping = Wrapping(library)
    wrapping.install()
    found = list(rows(wrapping, library, exclusions, pattern))
    wrapping.direction = None
    library.close()
    with open(output, "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
