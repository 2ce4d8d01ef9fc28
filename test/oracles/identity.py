# -*- coding: utf-8 -*-
"""Makes values of builtin types and pickles them with the C pickler at every protocol: what the encoder has to write byte by byte."""
import base64
import json
import pickle
import random
import struct

INTS = [0, 255, 256, 65535, 65536, 2**31, 2**53, 2**63, 2**64, 127, 128, 32768]
BITS = [7, 8, 15, 16, 31, 32, 33, 40, 47, 48, 55, 56, 63, 64, 65, 128, 1000, 1024, 1025, 2039, 2040, 2041, 5000]
FLOATS = [0.0, -0.0, 1.0, 1.5, 1e300, 5e-324, float("inf"), -float("inf"), float("nan"), 1e16, 1e15, 1e-5, 1e-4, 0.1]
ALPHABETS = ["ab", "abc\\\n\r\0\x1a", "\xe9\xfc\xff\x80", "\u1234\ufeff\ud800", "\U0001f600x\udc00 y", "'\"\t"]
LENGTHS = [0, 1, 1, 2, 3, 5, 24, 25, 60, 84, 85, 86, 127, 128, 200, 254, 255, 256, 257]


class Maker(object):
    """Makes one random value. Equal strings are one object, and some objects occur more than once."""

    def __init__(self, source):
        self.source = source
        self.texts = {}
        self.shared = []

    def text(self):
        alphabet = self.source.choice(ALPHABETS)
        text = "".join(self.source.choice(alphabet) for _ in range(self.source.choice(LENGTHS)))
        # Halves that happen to meet are one character, as they are in JavaScript.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return self.texts.setdefault(text, text)

    def float(self):
        value = struct.unpack("d", struct.pack("Q", self.source.getrandbits(64)))[0]
        return value if value == value else 0.5

    def data(self, lengths):
        return bytes(self.source.getrandbits(8) for _ in range(self.source.choice(lengths)))

    def atom(self):
        choice, bits = self.source.choice, self.source.getrandbits
        kinds = {
            "none": lambda: None,
            "bool": lambda: choice([True, False]),
            "edge": lambda: choice([1, -1]) * choice(INTS) + choice([0, 1, -1]),
            "int": lambda: choice([1, -1]) * bits(choice(BITS)),
            "known float": lambda: choice(FLOATS),
            "float": self.float,
            "text": self.text,
            "more text": self.text,
            "bytes": lambda: self.data([0, 1, 2, 5, 100, 255, 256, 300]),
        }
        return kinds[choice(list(kinds))]()

    def key(self, depth):
        kind = self.source.randrange(8)
        if kind < 6 or depth == 0:
            return self.text() if kind < 4 else self.atom()
        items = [self.key(depth - 1) for _ in range(self.source.randrange(6))]
        return tuple(items) if kind == 6 else frozenset(items)

    def value(self, depth):
        roll = self.source.random()
        if depth == 0 or roll < 0.3:
            return self.atom()
        if self.shared and roll < 0.45:
            return self.source.choice(self.shared)
        return self.container(depth - 1, self.source.choice([0, 1, 1, 2, 3, 4, 5, 8]))

    def container(self, depth, count):
        kind = self.source.choice([list, tuple, dict, dict, set, frozenset, bytearray])
        if kind in (list, dict):
            made = kind()
            self.shared.append(made)
            for _ in range(count):
                if kind is list:
                    made.append(self.value(depth))
                else:
                    made[self.key(2)] = self.value(depth)
            return made
        if kind is tuple:
            made = tuple(self.value(depth) for _ in range(count))
        elif kind is bytearray:
            made = bytearray(self.data([count]))
        else:
            made = kind(self.key(2) for _ in range(count))
        self.shared.append(made)
        return made


def edges():
    """Values at the ends of batches and frames, and values in themselves."""
    for count in (0, 1, 2, 999, 1000, 1001, 1999, 2000, 2001):
        numbers = range(count)
        yield [list(numbers), dict.fromkeys(numbers), set(numbers), frozenset(numbers), tuple(numbers)]
    for size in (65515, 65529, 65530, 65531, 65532, 65533, 65534, 65535, 65536, 65537, 131072):
        yield [b"x" * size, 1, b"z" * size, bytearray(b"y" * size)]
        yield ["x" * size, "\xe9" * (size // 2), "\u20ac" * (size // 3) + "a", "q"]
        yield [1] * (size // 2 - 20) + ["tail"] * 20
        yield ["k" * (size % 1000) + str(i) for i in range(200)]
    inner = []
    pair = (inner,)
    inner.append(pair)
    yield pair
    inner = []
    many = (1, inner, 3, 4, 5)
    inner.append(many)
    yield many
    inner = []
    inner.append(inner)
    yield inner
    inner = {}
    inner["x"] = inner[0] = inner
    yield inner


def dumped(value):
    """Its pickle at each protocol; None where Python refuses an int of too many digits."""
    pickles = []
    for protocol in range(6):
        try:
            pickles.append(base64.b64encode(pickle.dumps(value, protocol)).decode("ascii"))
        except ValueError:
            pickles.append(None)
    return pickles


def random_pickles(seed, count):
    source = random.Random(seed)
    return json.dumps([dumped(Maker(source).value(5)) for _ in range(count)])


def edge_pickles():
    return json.dumps([dumped(value) for value in edges()])
