# -*- coding: utf-8 -*-
"""Pickles invented values with the pure Python `pickle` of Python 2.7, within the law of `python: 2`: {"seed", "count"} on standard input, base64 at protocols 0 to 2 on standard output.

Equal unicode strings are one object, no long lies within 64 bits, no NaN has a sign, no array has one or no bytes, and
no structured dtype is made: its fields are a dict in hash order.
"""

import base64
import collections
import json
import pickle
import random
import struct
import sys

import numpy

DTYPES = "? i1 <i2 >i4 <u8 <f4 <f8 >f8 <c16 S3 <U2".split()
UNICODE = [u"", u"a", u"key", u"\xe9\xff", u"\u20ac\ufeff", u"\U0001f600", u"line\nline\\u0041", u"\ud800", u"\x00'\""]


class Old:
    pass


class New(object):
    pass


class Maker(object):
    def __init__(self, source):
        self.source = source
        self.texts = {}
        self.shared = []

    def text(self):
        text = u"".join(self.source.choice(UNICODE) for _ in range(self.source.randrange(4)))
        text = text.encode("utf-16-le").decode("utf-16-le") if u"\ud800" not in text else u"\ud800"
        return self.texts.setdefault(text, text)

    def float(self):
        value = struct.unpack("d", struct.pack("Q", self.source.getrandbits(64)))[0]
        return value if value == value else 0.5

    def data(self):
        size = self.source.choice([0, 2, 3, 20, 255, 256, 300])
        return "".join(chr(self.source.getrandbits(8)) for _ in range(size))

    def long(self):
        return self.source.choice([1, -1]) * (2**64 + self.source.getrandbits(self.source.choice([1, 65, 500, 2100])))

    def int(self):
        return int(self.source.choice([1, -1]) * self.source.getrandbits(self.source.choice([1, 8, 16, 31, 32, 62])))

    def atom(self):
        kinds = [self.text, self.float, self.data, self.long, self.int]
        known = [None, True, False, 0.0, -0.0, 1.5, float("inf"), sys.maxsize, -sys.maxsize - 1, len, Old, New]
        return self.source.choice(kinds)() if self.source.random() < 0.8 else self.source.choice(known)

    def array(self):
        dtype = numpy.dtype(self.source.choice(DTYPES))
        size = self.source.choice([2, 4, 6])
        array = (numpy.arange(size) % 2).astype(dtype)
        if self.source.random() < 0.3:
            return array[0] if array[0].nbytes > 1 else array
        array = array.reshape(2, size // 2)
        return array if self.source.random() < 0.7 else numpy.asfortranarray(array)

    def key(self):
        return self.source.choice([self.text, self.data, self.int])()

    def value(self, depth):
        roll = self.source.random()
        if depth == 0 or roll < 0.3:
            return self.atom()
        if self.shared and roll < 0.45:
            return self.source.choice(self.shared)
        made = self.container(depth - 1, self.source.randrange(6))
        self.shared.append(made)
        return made

    def container(self, depth, count):
        kind = self.source.randrange(11)
        if kind < 3:
            return [self.value(depth) for _ in range(count)]
        if kind < 5:
            return tuple(self.value(depth) for _ in range(count))
        if kind < 7:
            return dict((self.key(), self.value(depth)) for _ in range(count))
        if kind == 7:
            return self.source.choice([set, frozenset])(self.key() for _ in range(count))
        if kind == 8:
            return self.array()
        if kind == 9:
            return collections.OrderedDict((self.key(), self.value(depth)) for _ in range(count))
        made = self.source.choice([Old, New])()
        made.part = self.value(depth)
        return made


def main():
    request = json.loads(sys.stdin.read())
    answers = []
    for number in range(request["count"]):
        value = Maker(random.Random(request["seed"] + number)).value(4)
        answers.append([base64.b64encode(pickle.dumps(value, protocol)) for protocol in range(3)])
    sys.stdout.write(json.dumps(answers))


main()
