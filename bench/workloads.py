#!/usr/bin/env python3
"""Writes the benchmark's workloads: workloads.py --out FOLDER [W1 W2 ...]

For each workload FOLDER gets <name>.p<protocol>.pkl, a JSON twin <name>.json where the value has one, and
<name>.expect.json with a few values taken from it, by which the benchmark checks that an engine decoded it rightly.
Everything is seeded: two runs write the same bytes.

W9 and W10 need numpy, W12 a Python 2.7 (environment PYTHON27), W13 scikit-learn (PYTHON_SKLEARN names a Python that has
it). What cannot be made is named on stderr and left out; the exit code stays 0.
"""
import argparse
import json
import os
import pickle
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 20240607
ASCII = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- '


def seeded(name):
    return random.Random('%d-%s' % (SEED, name))


def ascii_text(rng, shortest=4, longest=16):
    return ''.join(rng.choices(ASCII, k=rng.randint(shortest, longest)))


class Folder:
    """Where one workload is written. Files appear under their final names only when they are whole."""

    def __init__(self, path, name):
        self.path = path
        self.name = name

    def file(self, suffix):
        return os.path.join(self.path, self.name + suffix)

    def write(self, suffix, data):
        temporary = self.file(suffix + '.part')
        with open(temporary, 'wb') as file:
            if callable(data):
                data(file)
            else:
                file.write(data)
        os.replace(temporary, self.file(suffix))

    def pickles(self, value, protocols=(4, 2)):
        for protocol in protocols:
            self.write('.p%d.pkl' % protocol, lambda file: pickle.dump(value, file, protocol))

    def twin(self, value):
        self.write('.json', json.dumps(value, separators=(',', ':'), ensure_ascii=False).encode('utf-8'))

    def expect(self, length, samples):
        """samples: pairs of a path into the value and what is there; integers beyond 2^53 as {"int": digits}."""
        tagged = [[path, {'int': str(v)} if type(v) is int and abs(v) > 2 ** 53 else v] for path, v in samples]
        self.write('.expect.json', json.dumps({'length': length, 'samples': tagged}).encode('utf-8'))

    def expect_items(self, value, paths):
        self.expect(len(value), [(path, at(value, path)) for path in paths])


def at(value, path):
    for key in path:
        value = value[key] if hasattr(value, '__getitem__') else getattr(value, key)
    return value


def places(length, count=5):
    return [round(i * (length - 1) / (count - 1)) for i in range(count)]


def run_python(program, code, *arguments):
    """Runs code in another Python; an OSError with the last line of its traceback if that fails."""
    result = subprocess.run([program, '-c', code, *arguments], stderr=subprocess.PIPE, universal_newlines=True)
    if result.returncode != 0:
        raise OSError((result.stderr.strip().splitlines() or ['no reason given'])[-1])


def s1(folder):
    """One small dict, 147 bytes at protocol 4: what a call costs."""
    value = {'id': 12345, 'name': 'Grace', 'email': 'gh@example.org', 'score': 98.5, 'active': True,
             'tags': ['navy', 'cobol'], 'parent': None, 'position': (12, -7)}
    folder.pickles(value)
    folder.twin(value)
    folder.expect_items(value, [['id'], ['name'], ['score'], ['active'], ['tags', 1], ['parent'], ['position', 1]])


def w1(folder):
    """1,000,000 ints of up to 31 bits."""
    rng = seeded('W1')
    value = [rng.randrange(0, 1 << rng.randint(1, 31)) for _ in range(1000000)]
    folder.pickles(value)
    folder.twin(value)
    folder.expect_items(value, [[i] for i in places(len(value))])


def w2(folder):
    """1,000,000 floats."""
    rng = seeded('W2')
    value = [rng.gauss(0, 1) * 10 ** rng.randint(-3, 6) for _ in range(1000000)]
    folder.pickles(value)
    folder.twin(value)
    folder.expect_items(value, [[i] for i in places(len(value))])


def records(rng, count):
    return [{'id': i, 'score': rng.random() * 100, 'name': ascii_text(rng), 'city': ascii_text(rng, 3, 10),
             'age': rng.randint(0, 120), 'parent': None if rng.random() < .5 else rng.randint(0, count),
             'active': rng.random() < .5, 'ratio': rng.gauss(0, 1)} for i in range(count)]


def expect_records(folder, value):
    keys = ['id', 'score', 'name', 'city', 'age', 'parent', 'active', 'ratio']
    folder.expect_items(value, [[i, key] for i in places(len(value)) for key in keys])


def w3(folder):
    """100,000 dicts of 8 keys."""
    value = records(seeded('W3'), 100000)
    folder.pickles(value)
    folder.twin(value)
    expect_records(folder, value)


def w4(folder):
    """500,000 strings: ASCII, CJK, emoji, Latin-1."""
    rng = seeded('W4')
    cjk = [chr(0x4e00 + i) for i in range(3000)]
    emoji = [chr(0x1f600 + i) for i in range(70)]

    def text():
        kind = rng.random()
        if kind < .6:
            return ascii_text(rng, 3, 20)
        if kind < .85:
            return ''.join(rng.choices(cjk, k=rng.randint(2, 10)))
        if kind < .95:
            return ascii_text(rng, 2, 8) + ''.join(rng.choices(emoji, k=rng.randint(1, 3)))
        return ascii_text(rng, 2, 10) + '\u00e9\u00fc' + ascii_text(rng, 1, 4)

    value = [text() for _ in range(500000)]
    folder.pickles(value)
    folder.twin(value)
    folder.expect_items(value, [[i] for i in places(len(value), 40)])


def w5(folder):
    """Lists nested 100,000 deep, written by hand: the C pickler recurses."""
    depth = 100000
    folder.write('.p4.pkl', b'\x80\x04' + b']\x94' * depth + b'a' * (depth - 1) + b'.')
    body = bytearray(b'\x80\x02')
    for i in range(depth):
        body += b']' + (b'q' + bytes([i]) if i < 256 else b'r' + i.to_bytes(4, 'little'))
    folder.write('.p2.pkl', body + b'a' * (depth - 1) + b'.')
    folder.write('.json', b'[' * depth + b']' * depth)
    folder.write('.expect.json', json.dumps({'depth': depth}).encode('utf-8'))


def w6(folder):
    """100,000 tuples over 2,000 shared tuples and 500 shared strings."""
    rng = seeded('W6')
    pool = [(ascii_text(rng), rng.randint(0, 1 << 20), [rng.randint(0, 255)]) for _ in range(2000)]
    strings = [ascii_text(rng) for _ in range(500)]
    value = [(rng.choice(pool), rng.choice(strings), rng.choice(pool), i) for i in range(100000)]
    folder.pickles(value)
    folder.twin(value)
    folder.expect_items(value, [[i, *rest] for i in places(len(value)) for rest in ([0, 0], [0, 1], [1], [2, 2, 0], [3])])


def w7(folder):
    """100,000 instances of a class with four attributes."""
    from pclasses import Point
    rng = seeded('W7')
    value = [Point(rng.random(), rng.random(), ascii_text(rng), [rng.randint(0, 255), rng.randint(0, 255)])
             for _ in range(100000)]
    folder.pickles(value)
    folder.twin([point.__dict__ for point in value])
    folder.expect_items(value, [[i, *rest] for i in places(len(value)) for rest in (['x'], ['y'], ['name'], ['tags', 1])])


def w8(folder):
    """100,000 ints of 127 bits."""
    rng = seeded('W8')
    value = [rng.getrandbits(127) - (1 << 126) for _ in range(100000)]
    folder.pickles(value)
    folder.twin(value)
    folder.expect_items(value, [[i] for i in places(len(value))])


def w9(folder):
    """One float64 array of 256 MiB."""
    import numpy
    value = numpy.random.default_rng(SEED).standard_normal(32 * 1024 * 1024)
    folder.pickles(value, (2, 4, 5))
    folder.expect(len(value), [([i], float(value[i])) for i in places(len(value))])


def w10(folder):
    """10,000 float64 arrays of 8 items."""
    import numpy
    rng = numpy.random.default_rng(SEED)
    value = [rng.standard_normal(8) for _ in range(10000)]
    folder.pickles(value, (4, 2, 5))
    folder.twin([array.tolist() for array in value])
    folder.expect(len(value), [([i, j], float(value[i][j])) for i in places(len(value)) for j in (0, 7)])


def w11(folder):
    """A dict of 100,000 int keys to lists of 1 to 8 ints."""
    rng = seeded('W11')
    value = {rng.randrange(1 << 30): [rng.randint(0, 1000) for _ in range(rng.randint(1, 8))] for _ in range(100000)}
    folder.pickles(value)
    folder.twin(value)
    keys = list(value)
    folder.expect_items(value, [[keys[i], 0] for i in places(len(keys))])


PYTHON2_RECORDS = r'''
import cPickle, json, sys
known = {}
def converted(v): return v.encode('latin1') if isinstance(v, unicode) else v
value = [dict((known.setdefault(k, intern(str(k))), converted(v)) for k, v in d.items()) for d in json.load(open(sys.argv[1]))]
for protocol in (0, 2):
    cPickle.dump(value, open(sys.argv[2] % protocol, 'wb'), protocol)
'''


def w12(folder):
    """W3's records as Python 2.7 writes them, at protocols 0 and 2."""
    value = records(seeded('W3'), 100000)
    folder.twin(value)
    pattern = folder.file('.p%d.pkl')
    run_python(os.environ.get('PYTHON27', 'python2.7'), PYTHON2_RECORDS, folder.file('.json'), pattern)
    expect_records(folder, value)


SKLEARN_MODELS = r'''
import pickle, sys
import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
rng = np.random.RandomState(1)
X = rng.randn(4000, 12)
y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)
forest = RandomForestClassifier(100, random_state=1, n_jobs=1)
classifier = Pipeline([('s', StandardScaler()), ('rf', forest)]).fit(X, y)
regressor = GradientBoostingRegressor(n_estimators=300, random_state=1).fit(X, X[:, 0] * X[:, 3])
for protocol in (4, 2):
    pickle.dump({'clf': classifier, 'gbr': regressor}, open(sys.argv[1] % protocol, 'wb'), protocol)
'''


def w13(folder):
    """Two scikit-learn models."""
    pattern = folder.file('.p%d.pkl')
    run_python(os.environ.get('PYTHON_SKLEARN', sys.executable), SKLEARN_MODELS, pattern)
    folder.expect(2, [(['gbr', 'n_estimators'], 300), (['clf', 'steps', 1, 1, 'n_estimators'], 100)])


WORKLOADS = {'S1': s1, 'W1': w1, 'W2': w2, 'W3': w3, 'W4': w4, 'W5': w5, 'W6': w6, 'W7': w7, 'W8': w8, 'W9': w9,
             'W10': w10, 'W11': w11, 'W12': w12, 'W13': w13}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--out', required=True)
    parser.add_argument('names', nargs='*', metavar='NAME', help='S1, W1 ... W13; all of them by default')
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in WORKLOADS]
    if unknown:
        parser.error('no such workload: ' + ', '.join(unknown))
    os.makedirs(arguments.out, exist_ok=True)
    sys.path.insert(0, HERE)
    for name in arguments.names or WORKLOADS:
        try:
            WORKLOADS[name](Folder(arguments.out, name))
        except (ImportError, OSError) as error:
            print('%s skipped: %s' % (name, error), file=sys.stderr)


if __name__ == '__main__':
    main()
