"""Python's pickle functions and classes with the library between them and their caller."""

import io
import pickle
import pickletools

from library import LibraryFailure, Refused

PYTHON2_STRINGS = {"STRING", "BINSTRING", "SHORT_BINSTRING"}


def numpy_generation():
    try:
        import numpy
    except ImportError:
        return None
    return 1 if numpy.__version__.startswith("1.") else 2


class Wrapping:
    """
    Where the library stands. In direction "write" what was dumped is transcoded, in direction "read" what is to be
    loaded; with None nothing is.
    """

    def __init__(self, library):
        self.direction = None
        self._library = library
        self._numpy = numpy_generation()

    def install(self):
        """Puts wrapped functions and classes into the modules, for whoever imports them from now on."""
        import _pickle

        # pickle._dumps and the like make use of these.
        pickle._Pickler = wrapped_pickler(self, pickle._Pickler)
        pickle._Unpickler = wrapped_unpickler(self, pickle._Unpickler)
        pickler, unpickler = wrapped_pickler(self, _pickle.Pickler), wrapped_unpickler(self, _pickle.Unpickler)
        wrapped = {
            "Pickler": pickler,
            "Unpickler": unpickler,
            "dump": Function(lambda value, file, *args, **options: pickler(file, *args, **options).dump(value)),
            "load": Function(lambda file, **options: unpickler(file, **options).load()),
            "dumps": wrapped_dumps(self, _pickle.dumps),
            "loads": wrapped_loads(self, _pickle.loads),
        }
        for module in pickle, _pickle:
            for name, value in wrapped.items():
                setattr(module, name, value)

    def transcode(self, data, options, buffers):
        if self._numpy is not None:
            options = dict(options, numpy=self._numpy)
        return self._library.transcode(data, options, buffers)


class Function:
    """A function that does not become a method where it is an attribute of a class: those of C do not either."""

    def __init__(self, function):
        self._function = function

    def __call__(self, *args, **options):
        return self._function(*args, **options)


class Writing:
    """Takes what a Pickler writes, and hands it on transcoded."""

    def __init__(self, wrapping, protocol, fix_imports, buffer_callback):
        if protocol is None:
            protocol = pickle.DEFAULT_PROTOCOL
        elif protocol < 0:
            protocol = pickle.HIGHEST_PROTOCOL
        self._options = {"protocol": protocol, "python": 3, "fixImports": fix_imports}
        self._wrapping = wrapping
        self._buffer_callback = buffer_callback
        self._buffers = []

    @property
    def buffer_callback(self):
        return None if self._buffer_callback is None else self._take_buffer

    def _take_buffer(self, buffer):
        in_band = self._buffer_callback(buffer)
        if not in_band:
            self._buffers.append(buffer)
        return in_band

    def transcoded(self, data):
        """The library has to take what Python wrote, and may leave out of band what was there."""
        try:
            transcoded = self._wrapping.transcode(data, self._options, self._buffers)
        except Refused as refusal:
            raise LibraryFailure(f"refused what Python wrote: {refusal}") from None
        if transcoded.end != len(data):
            raise LibraryFailure(f"read {transcoded.end} bytes of a pickle of {len(data)}")
        if transcoded.buffers != list(range(len(transcoded.buffers))):
            raise LibraryFailure(f"buffers in another order: {transcoded.buffers}")
        self._buffers = []
        return transcoded


def wrapped_dumps(wrapping, base):
    def dumps(value, protocol=None, *, fix_imports=True, buffer_callback=None):
        if wrapping.direction != "write":
            return base(value, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback)
        writing = Writing(wrapping, protocol, fix_imports, buffer_callback)
        data = base(value, protocol, fix_imports=fix_imports, buffer_callback=writing.buffer_callback)
        return writing.transcoded(data).data

    return Function(dumps)


def wrapped_pickler(wrapping, base):
    class Pickler(base):
        _writing = None

        def __init__(self, file, protocol=None, *, fix_imports=True, buffer_callback=None):
            if wrapping.direction != "write":
                super().__init__(file, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback)
                return
            # Says what it has against the file and the options.
            base(file, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback)
            self._file, self._memory = file, io.BytesIO()
            self._writing = writing = Writing(wrapping, protocol, fix_imports, buffer_callback)
            callback = writing.buffer_callback
            super().__init__(self._memory, protocol, fix_imports=fix_imports, buffer_callback=callback)

        def dump(self, value):
            if self._writing is None:
                super().dump(value)
                return
            self._memory.seek(0)
            self._memory.truncate()
            super().dump(value)
            for piece in self._writing.transcoded(self._memory.getvalue()).pieces():
                self._file.write(piece)

    return named_as(base, Pickler)


class Reading:
    """Takes pickles from a file, one a load, and hands them on transcoded."""

    def __init__(self, wrapping, file, fix_imports, buffers):
        self.source = Source()
        #: The buffers for the one who reads `source`.
        self.handed_on = None if buffers is None else HandedOn()
        self._wrapping = wrapping
        self._file = file
        self._fix_imports = fix_imports
        self._buffers = [] if buffers is None else list(buffers)

    def load(self, base_load):
        """What `base_load`, which reads from `source`, makes of the next pickle."""
        data, opcodes = take(self._file)
        options = {**reading_options(data, opcodes), "fixImports": self._fix_imports}
        try:
            transcoded = self._wrapping.transcode(data, options, self._buffers)
        except Refused as refusal:
            self._put(data, self._buffers)
            base_load()
            # What the library refuses Python is to refuse.
            raise LibraryFailure(f"refused what Python reads: {refusal}") from None
        self._put(transcoded.data + data[transcoded.end :], [self._buffers[index] for index in transcoded.buffers])
        return base_load()

    def _put(self, data, buffers):
        self.source.put(data)
        if self.handed_on is not None:
            self.handed_on.put(buffers)


def wrapped_loads(wrapping, base):
    def loads(data, /, *, buffers=(), fix_imports=True, **options):
        if wrapping.direction != "read" or isinstance(data, str):
            return base(data, buffers=buffers, fix_imports=fix_imports, **options)
        reading = Reading(wrapping, io.BytesIO(data), fix_imports, buffers)

        def load():
            return base(reading.source.read(), buffers=reading.handed_on, fix_imports=fix_imports, **options)

        return reading.load(load)

    return Function(loads)


def wrapped_unpickler(wrapping, base):
    class Unpickler(base):
        _reading = None

        def __init__(self, file, *, fix_imports=True, buffers=None, **options):
            if wrapping.direction != "read":
                super().__init__(file, fix_imports=fix_imports, buffers=buffers, **options)
                return
            # Says what it has against the file and the options.
            base(file, fix_imports=fix_imports, buffers=buffers, **options)
            self._reading = reading = Reading(wrapping, file, fix_imports, buffers)
            super().__init__(reading.source, fix_imports=fix_imports, buffers=reading.handed_on, **options)

        def load(self):
            return super().load() if self._reading is None else self._reading.load(super().load)

    return named_as(base, Unpickler)


def named_as(base, wrapped):
    for name in "__module__", "__name__", "__qualname__", "__doc__":
        setattr(wrapped, name, getattr(base, name))
    return wrapped


class Source:
    """The file that Python reads: what was put in."""

    def __init__(self):
        self._memory = io.BytesIO()

    def put(self, data):
        self._memory = io.BytesIO(data)

    def read(self, size=-1):
        return self._memory.read(size)

    def readline(self):
        return self._memory.readline()


class HandedOn:
    """An iterator over what was put in."""

    def __init__(self):
        self._items = iter(())

    def put(self, items):
        self._items = iter(items)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._items)


class Recorder:
    """A file that keeps what was read."""

    def __init__(self, file):
        self._file = file
        self._read = []

    def read(self, *size):
        self._read.append(self._file.read(*size))
        return self._read[-1]

    def readline(self):
        self._read.append(self._file.readline())
        return self._read[-1]

    def recorded(self):
        return b"".join(self._read)


def take(file):
    """The next pickle of a file and its opcodes; all that is left if it is none."""
    recorder = Recorder(file)
    opcodes = []
    try:
        opcodes.extend(opcode for opcode, argument, position in pickletools.genops(recorder))
    except Exception:
        recorder.read()
    return recorder.recorded(), opcodes


def reading_options(data, opcodes):
    """The pickle's protocol, and Python 2 if it holds strings of Python 2."""
    protocol = max([opcode.proto for opcode in opcodes], default=0)
    if data[:1] == pickle.PROTO and len(data) > 1:
        protocol = max(protocol, min(data[1], pickle.HIGHEST_PROTOCOL))
    if PYTHON2_STRINGS.isdisjoint(opcode.name for opcode in opcodes):
        return {"protocol": protocol, "python": 3}
    return {"protocol": min(protocol, 2), "python": 2}
