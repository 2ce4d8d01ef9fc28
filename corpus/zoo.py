# -*- coding: utf-8 -*-
"""The classes and functions that the corpus refers to, each for a way in which objects are pickled."""

import collections

try:
    import copy_reg as copyreg
except ImportError:
    import copyreg

try:
    import enum
except ImportError:
    enum = None


class Animal(object):
    def __init__(self, name, legs=4):
        self.name, self.legs = name, legs


class Empty(object):
    pass


class Slots(object):
    __slots__ = ("x", "y")


class SlotsAndDict(Slots):
    pass


class GivenState(object):
    """Pickled with a state that is no dict."""

    def __init__(self, state):
        self.state = state

    def __getstate__(self):
        return self.state

    def __setstate__(self, state):
        self.state = state


class NewArgs(object):
    def __new__(cls, *args):
        self = object.__new__(cls)
        self.args = args
        return self

    def __getnewargs__(self):
        return self.args


class NewArgsEx(object):
    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        self.args, self.kwargs = args, kwargs
        return self

    def __getnewargs_ex__(self):
        return self.args, self.kwargs


class Reduced(object):
    """Pickled as whatever reduction it holds."""

    def __init__(self, *reduction):
        self.reduction = reduction

    def __reduce__(self):
        return self.reduction


class Singleton(object):
    def __reduce__(self):
        return "singleton"


singleton = Singleton()


class Registered(object):
    """Its reduction is in copyreg's table."""

    def __init__(self, value):
        self.value = value


def make_registered(value):
    return Registered(value)


copyreg.pickle(Registered, lambda registered: (make_registered, (registered.value,)))


class DictChild(dict):
    pass


class ListChild(list):
    pass


class SetChild(set):
    pass


class TextChild(type(u"")):
    pass


class IntChild(int):
    pass


class FloatChild(float):
    pass


class TupleChild(tuple):
    pass


class Failure(Exception):
    pass


class OldStyle:
    """In Python 2 an instance of the old kind, pickled by INST or OBJ."""

    def __init__(self, value=None):
        self.value = value


class OldStyleArgs:
    def __init__(self, first, second):
        self.first, self.second = first, second

    def __getinitargs__(self):
        return self.first, self.second


class Outer(object):
    class Inner(object):
        class Innermost(object):
            pass


def function(*args):
    return args


def set_state(target, state):
    target.given = state


Point = collections.namedtuple("Point", "x y")

if enum is not None:

    class Color(enum.Enum):
        RED = 1
        GREEN = "green"

    class Level(enum.IntEnum):
        LOW = 1
        HIGH = 2
