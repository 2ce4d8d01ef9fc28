"""Which of the files of a request, in JSON on standard input, this Python loads: as they are, with encoding="latin1", or not."""
import json
import pickle
import sys
import warnings


def outcome(path):
    try:
        with open(path, "rb") as file:
            pickle.load(file)
        return "loads"
    except Exception:
        pass
    try:
        with open(path, "rb") as file:
            pickle.load(file, encoding="latin1")
        return "loads with"
    except Exception:
        return "fails"


warnings.simplefilter("ignore")
json.dump([outcome(path) for path in json.load(sys.stdin)["paths"]], sys.stdout)
