# -*- coding: utf-8 -*-
"""Python's own types, sharing, and objects."""

import array
import collections
import datetime
import decimal
import fractions
import sys
import uuid

import zoo
from registry import EVERY_PROTOCOL, PYTHON2, case, write_both, write_out_of_band, write_persistent, write_several

PYTHON36 = ("py36-np119",)


# ---- ints and floats
@case("ints", "atoms")
def atoms():
    return [None, True, False, 0, 1, -1]


@case("ints", "widths", also=PYTHON36)
def widths():
    edges = [0, 1 << 8, 1 << 16, 1 << 31, 1 << 32, 1 << 53, 1 << 63, 1 << 64]
    return [sign * (edge + step) for edge in edges for step in (-1, 0, 1) for sign in (1, -1)]


@case("ints", "every_byte_width", protocols=EVERY_PROTOCOL)
def every_byte_width():
    return [
        value for bits in range(7, 144, 8) for value in (1 << bits, -(1 << bits), (1 << bits) - 1, -(1 << bits) - 1)
    ]


@case("ints", "long1_to_long4")
def long1_to_long4():
    return [(1 << 2039) - 1, -(1 << 2039), 1 << 2039, -(1 << 2039) - 1, 1 << 2100]


@case("floats", "edges", protocols=EVERY_PROTOCOL, write=write_both)
def float_edges():
    inf = float("inf")
    tiny, largest = 5e-324, 1.7976931348623157e308
    return [
        0.0,
        -0.0,
        1.0,
        1.5,
        -2.25,
        0.1,
        inf,
        -inf,
        float("nan"),
        tiny,
        largest,
        1e16,
        1e22,
        2.0**53,
        1e-7,
        123456789.125,
    ]


@case("floats", "complex")
def complexes():
    return [0j, 1 + 2j, complex(-0.0, float("inf")), complex(float("nan"), -0.0)]


# ---- strings and bytes
@case("strings", "unicode", protocols=EVERY_PROTOCOL, write=write_both)
def unicode_strings():
    letters = [u"", u"hello", u"h\xe9llo", u"\u20ac", u"\U0001f600", u"\U0010ffff"]
    return letters + [u"a\u0301", u"\ufeffmark", u"\u2028\u2029\x85"]


@case("strings", "controls", write=write_both)
def control_strings():
    return [u"\x00", u"a\x00b", u"\n\r\t", u"back\\slash", u"\\u0041", u"\x1a\x7f", u"quotes '\""]


@case("strings", "lone_surrogates")
def lone_surrogates():
    return [u"\ud800", u"a\udfffb", u"\udc80"]


@case("strings", "lengths")
def string_lengths():
    return [u"x" * 255, u"y" * 256, u"\xe9" * 127, u"\xe9" * 128]


@case("strings", "long", also=PYTHON36, protocols=[4])
def long_string():
    return u"ab\u20ac" * 14000


@case("bytes", "every_byte", protocols=EVERY_PROTOCOL, python=3)
def every_byte():
    return [b"", bytes(bytearray(range(256))), b"\n\r\\'\"", b"\xff\xfe"]


@case("bytes", "lengths", python=3)
def byte_lengths():
    return [b"x" * 255, b"y" * 256, b"z" * 257]


@case("bytes", "long", protocols=[3, 4], python=3)
def long_bytes():
    return [bytes(bytearray(range(256))) * 100, b"tail"]


@case("bytes", "frames", also=PYTHON36, protocols=[4], python=3)
def frames():
    """Frames end and begin around a large payload, and each at 64 KiB."""
    return [u"%04d" % i for i in range(12000)] + [b"p" * 65536, u"after"]


@case("bytes", "bytearray", also=PYTHON36, protocols=EVERY_PROTOCOL)
def bytearrays():
    shared = bytearray(b"shared")
    return [bytearray(), bytearray(b"\x00\xff"), shared, shared, bytearray(b"l" * 300)]


@case("bytes", "picklebuffer", protocols=[5], least=(3, 8))
def picklebuffers():
    import pickle

    return [pickle.PickleBuffer(b"readonly"), pickle.PickleBuffer(bytearray(b"writable"))]


@case("bytes", "out_of_band", protocols=[5], least=(3, 8), write=write_out_of_band)
def out_of_band_buffers():
    return picklebuffers() + [b"in band"]


# ---- containers
@case("containers", "sequences", protocols=EVERY_PROTOCOL, write=write_both)
def sequences():
    return [[], [[]], (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),)), [(1, [2, (3,)])]]


@case("containers", "dicts", protocols=EVERY_PROTOCOL, write=write_both)
def dicts():
    mixed = {1: u"int", u"1": u"text", (1, (2, u"x")): u"tuple", None: u"none", 2.5: u"float"}
    return [{}, {u"a": 1}, mixed]


@case("containers", "prototype_keys")
def prototype_keys():
    names = u"__proto__ constructor toString valueOf hasOwnProperty length toJSON then"
    return collections.OrderedDict((name, position) for position, name in enumerate(names.split()))


@case("containers", "number_like_keys")
def number_like_keys():
    return collections.OrderedDict([(u"10", 1), (u"2", 2), (10, 3), (2, 4), (-1, 5), (u"", 6), (2**70, 7), (0.5, 8)])


@case("containers", "nan_keys", python=3)
def nan_keys():
    first, second = float("nan"), float("nan")
    return {first: 1, second: 2}


@case("containers", "sets", protocols=EVERY_PROTOCOL)
def sets():
    return [set(), set([1]), set([1, u"a", (2, 3)]), frozenset(), frozenset([1, 2]), set([frozenset([5])])]


@case("containers", "batches_of_1000")
def batches():
    return [list(range(1001)), dict((i, None) for i in range(1001)), set(range(1001))]


@case("containers", "ranges_and_slices")
def ranges_and_slices():
    if PYTHON2:
        return [xrange(0), xrange(1, 10, 3), xrange(10, -5, -4)]  # noqa: F821
    ranges = [range(0), range(10), range(1, 10, 3), range(10, -5, -4), range(2**70, 2**71)]
    return ranges + [slice(1, None, -1), slice(u"a", 2.5, None)]


@case("containers", "constants", python=3)
def constants():
    return [Ellipsis, NotImplemented]


@case("containers", "deep", protocols=[0, 2, 4])
def deep():
    value = []
    for level in range(100):
        value = [value] if level % 2 else {u"deeper": value}
    return value


# ---- sharing
@case("sharing", "cycles", protocols=EVERY_PROTOCOL, write=write_both)
def cycles():
    in_list, in_dict, in_tuple, person = [], {}, [], zoo.Animal(u"narcissus")
    in_list.append(in_list)
    in_dict[u"self"] = in_dict
    in_tuple.append((in_tuple, 1))
    person.mirror = person
    return [in_list, in_dict, in_tuple, in_tuple[0], person]


@case("sharing", "cycle_tuple_first")
def cycle_tuple_first():
    inner = []
    outer = (inner, 1)
    inner.append(outer)
    return outer


@case("sharing", "cycle_below_tuples", protocols=[1, 2, 4])
def cycle_below_tuples():
    """A list that is referred to while its items are coming, at a height of the stack that is its number in the memo."""
    outer = [0]
    outer.append([None, outer])
    return {((False,), (None,)): outer}


@case("sharing", "cycle_ordered_dict", python=3)
def cycle_ordered_dict():
    made = collections.OrderedDict([(u"a", 1)])
    made[u"self"] = made
    return made


@case("sharing", "cycle_set", python=3, protocols=[2, 4])
def cycle_set():
    member = zoo.Empty()
    member.group = set([member])
    member.frozen = frozenset([member])
    return member


@case("sharing", "diamond", protocols=EVERY_PROTOCOL, write=write_both)
def diamond():
    leaf, pair, text = [1, {u"k": u"v"}], (1, u"pair"), u"some text that is shared"
    return {u"left": [leaf, pair, text], u"right": [leaf, pair, text], u"leaf": leaf}


@case("sharing", "memo_over_255")
def memo_over_255():
    lists = [[i] for i in range(300)]
    return [lists, lists[0], lists[255], lists[256], lists[299]]


# ---- objects
@case("objects", "plain", protocols=EVERY_PROTOCOL, write=write_both)
def plain_objects():
    cat = zoo.Animal(u"cat")
    return [cat, cat, zoo.Animal(u"bird", 2), zoo.Empty()]


@case("objects", "slots", protocols=[2, 4])
def slots():
    first, second = zoo.Slots(), zoo.SlotsAndDict()
    first.x, first.y = 1, [2]
    second.x, second.extra = u"slot", u"dict"
    return [first, second]


@case("objects", "given_state")
def given_state():
    return [zoo.GivenState(state) for state in ((1, 2), [u"list"], u"text", 5, {u"a": 1}, (None, {u"a": 1}), None, 0)]


@case("objects", "new_args", protocols=[2, 4])
def new_args():
    return [zoo.NewArgs(), zoo.NewArgs(1, u"a")]


@case("objects", "new_args_ex", protocols=[2, 4], python=3)
def new_args_ex():
    return [zoo.NewArgsEx(1, b=[2]), zoo.NewArgsEx(), zoo.NewArgsEx(a=1)]


@case("objects", "reductions", protocols=EVERY_PROTOCOL)
def reductions():
    call = (zoo.function, (1, u"a"))
    return [
        zoo.Reduced(*call),
        zoo.Reduced(*call + ({u"state": 1},)),
        zoo.Reduced(*call + (None, iter([1, 2, 3]))),
        zoo.Reduced(*call + (None, iter([u"one"]), iter([(u"k", 1), (2, u"v")]))),
        zoo.Reduced(*call + ({u"all": True}, iter([1]), iter([(u"k", 1)]))),
    ]


@case("objects", "state_setter", least=(3, 8))
def state_setter():
    return [zoo.Reduced(zoo.function, (1,), {u"state": 1}, None, None, zoo.set_state), u"after"]


@case("objects", "by_name")
def by_name():
    named = [zoo.Animal, zoo.function, zoo.singleton, len, dict, collections.OrderedDict, ValueError]
    return named if PYTHON2 else named + [zoo.Outer]


@case("objects", "nested_names", protocols=[2, 4], python=3)
def nested_names():
    return [zoo.Outer.Inner, zoo.Outer.Inner.Innermost, zoo.Outer.Inner.Innermost()]


@case("objects", "copyreg")
def copyreg_objects():
    return [zoo.Registered(1), zoo.Registered([u"x"])]


@case("objects", "children_of_builtins")
def children_of_builtins():
    children = [zoo.DictChild({u"k": 1}), zoo.ListChild([1, 2]), zoo.SetChild([3])]
    children += [zoo.TextChild(u"text"), zoo.IntChild(7), zoo.FloatChild(0.5), zoo.TupleChild((1, 2))]
    for child in children:
        child.note = u"kept"
    return children


@case("objects", "exceptions")
def exceptions():
    return [ValueError(u"bad", 1), zoo.Failure(u"worse"), KeyError(u"k")]


@case("objects", "named_tuples")
def named_tuples():
    return [zoo.Point(1, u"y"), zoo.Point([1], zoo.Point(2, 3))]


@case("objects", "enums", python=3)
def enums():
    return [zoo.Color.RED, zoo.Color.GREEN, zoo.Color.RED, zoo.Level.HIGH]


@case("objects", "old_style", python=2, write=write_both)
def old_style():
    return [zoo.OldStyle(u"x"), zoo.OldStyle(), zoo.OldStyleArgs(1, u"second")]


@case(
    "objects",
    "extensions",
    protocols=[2, 4],
    extensions={1: "zoo.Animal", 0x1234: "zoo.Empty", 0x12345678: "zoo.function"},
)
def extensions():
    return [zoo.Animal(u"by code"), zoo.Empty, zoo.function]


class Outside(object):
    def __init__(self, pid):
        self.pid = pid


@case("objects", "persistent_ids", protocols=EVERY_PROTOCOL, write=write_persistent)
def persistent_ids():
    return [Outside("first"), [Outside("2")], Outside("first")]


@case("objects", "persistent_id_values", protocols=[2, 4], write=write_persistent)
def persistent_id_values():
    return [Outside((u"table", 7)), Outside(5), Outside(u"text")]


# ---- the standard library
@case("stdlib", "collections")
def collections_types():
    counted = collections.defaultdict(list)
    counted[u"a"].append(1)
    ordered = collections.OrderedDict([(u"z", 1), (u"a", [2]), (3, None)])
    return [
        ordered,
        collections.OrderedDict(),
        counted,
        collections.defaultdict(None, {1: 2}),
        collections.Counter([u"x", u"x"]),
        collections.deque([1, 2]),
        collections.deque([1], 5),
    ]


@case("stdlib", "datetime", also=PYTHON36)
def datetimes():
    moment = datetime.datetime(2024, 2, 29, 1, 2, 3, 456789)
    return [
        moment,
        datetime.datetime.min,
        datetime.date(1999, 12, 31),
        datetime.time(23, 59, 59, 999999),
        datetime.timedelta(-1, 5, 7),
    ]


@case("stdlib", "timezones", python=3)
def timezones():
    cet = datetime.timezone(datetime.timedelta(hours=1), u"CET")
    return [
        datetime.datetime(2024, 7, 1, tzinfo=datetime.timezone.utc),
        datetime.datetime(2024, 1, 1, 12, tzinfo=cet, fold=1),
        datetime.time(1, 2, tzinfo=cet),
        cet,
    ]


@case("stdlib", "numbers")
def numbers():
    texts = ("0", "-0", "1.10", "NaN", "-Infinity", "1E+400", "12345678901234567890.123")
    return [decimal.Decimal(text) for text in texts] + [fractions.Fraction(22, 7), fractions.Fraction(-1, 10**30)]


@case("stdlib", "uuids")
def uuids():
    return [uuid.UUID(int=1), uuid.UUID("d82579ce-6642-a0de-7ddf-490a7aec7aa5")]


# ---- what services keep: the structures of Django's sessions, Celery's messages and entries of a cache in Redis
@case("services", "django_session", protocols=(2, 4))
def django_session():
    """Django's PickleSerializer, before its base64 and signature."""
    return {
        u"_auth_user_id": u"7",
        u"_auth_user_backend": u"django.contrib.auth.backends.ModelBackend",
        u"_session_expiry": datetime.timedelta(days=14),
        u"last_seen": datetime.datetime(2024, 5, 6, 7, 8, 9, 250000),
        u"cart": [(u"sku-1", 2, decimal.Decimal("9.90"))],
    }


@case("services", "celery_message", protocols=(2, 4))
def celery_message():
    """The body of a task's message, version 2: args, kwargs, and what is to follow."""
    args = (u"report.pdf", 3)
    kwargs = {u"deadline": datetime.date(2024, 2, 29), u"task": uuid.UUID(int=0x1234567812345678)}
    return args, kwargs, {u"callbacks": None, u"errbacks": None, u"chain": None, u"chord": None}


@case("services", "cache_entry", protocols=(4, 5), python=3, least=(3, 8))
def cache_entry():
    """A value of a cache, as django-redis keeps it: the newest protocol of its Python."""
    hits = collections.Counter()
    hits[u"/"] = 41
    hits[u"/about"] = 1
    return {
        u"fetched": datetime.datetime(2024, 7, 1, 12, 0, tzinfo=datetime.timezone.utc),
        u"price": decimal.Decimal("1.10"),
        u"hits": hits,
        u"recent": collections.deque([u"/about", u"/"], 5),
        u"error": KeyError(u"stock"),
    }


@case("stdlib", "arrays", python=3)
def arrays():
    return [array.array("b", [1, -1]), array.array("i", [1, 2]), array.array("d", [0.5]), array.array("H")]


# ---- Python 2
@case("python2", "strings", python=2, write=write_both)
def python2_strings():
    return ["", "ascii", "caf\xc3\xa9", "caf\xe9", "\xff\x00\n\\'\"", "it's", u"unicode \xe9", u"", "s" * 256]


@case("python2", "keys", python=2)
def python2_keys():
    return {"a": 1, u"b": 2, "\xe9": 3, u"\xe9": 4, ("t", u"t"): 5}


@case("python2", "numbers", python=2)
def python2_numbers():
    return [1, long(1), sys.maxint, sys.maxint + 1, -sys.maxint - 1, long(-(2**70)), 2**31, True]  # noqa: F821


@case("python2", "long_string", python=2, protocols=[2])
def python2_long_string():
    return ["\xe9t\xe9 " * 2000, "\xc3\xa9" * 2000]


@case("python2", "names", python=2, protocols=[2])
def python2_names():
    return [xrange, unicode, reduce, raw_input, set, object, StandardError]  # noqa: F821


# ---- several pickles in one file
@case("streams", "several", also=PYTHON36, write=write_several)
def several():
    return [1, u"two", [3], {u"four": 4}]


@case("streams", "one_pickler", write=write_several, one_memo=True)
def one_pickler():
    shared = [u"shared"]
    return [shared, [shared, u"again"], shared]
