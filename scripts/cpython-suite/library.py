"""The library as a process that transcodes pickles: transcode.mjs at the other end of a pipe."""

import copyreg
import json
import pickle
import struct
import subprocess
import threading

LENGTHS = struct.Struct("<II")


class Refused(Exception):
    """The library does not take the pickle."""


class LibraryFailure(BaseException):
    """The library did not do what Python did. No Exception, so that no test takes it for the error that it waits for."""


def extensions():
    """The registered names by code, those that `copyreg.add_extension` would take."""
    return {
        code: ".".join(pair)
        for code, pair in copyreg._inverted_registry.items()
        if isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(name, str) for name in pair)
    }


class Transcoded:
    """A pickle that the library wrote."""

    def __init__(self, data, end, lengths, buffers):
        self.data = data
        #: Where the pickle ended that was read.
        self.end = end
        #: Which of the buffers that were given are out of band, in order.
        self.buffers = buffers
        self._lengths = lengths

    def pieces(self):
        start = 0
        for length in self._lengths:
            yield self.data[start : start + length]
            start += length


class Library:
    """One process for all tests."""

    def __init__(self, command):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lock = threading.Lock()
        #: How many pickles came back transcoded, and how many were refused, since it was last set to 0.
        self.transcoded = 0
        self.refused = 0

    def transcode(self, data, options, buffers=()):
        """The first pickle of `data` written anew. Raises Refused."""
        buffers = [pickle.PickleBuffer(buffer).raw() for buffer in buffers]
        request = dict(options, extensions=extensions(), buffers=[buffer.nbytes for buffer in buffers])
        answer, payload = self._ask(request, b"".join([data, *buffers]))
        if "error" in answer:
            raise LibraryFailure(answer["error"])
        if "refusal" in answer:
            self.refused += 1
            raise Refused(answer["refusal"])
        self.transcoded += 1
        return Transcoded(payload, answer["end"], answer["pieces"], answer["buffers"])

    def _ask(self, request, payload):
        header = json.dumps(request).encode()
        with self._lock:
            self._process.stdin.write(LENGTHS.pack(len(header), len(payload)) + header + payload)
            self._process.stdin.flush()
            header_length, payload_length = LENGTHS.unpack(self._read(LENGTHS.size))
            return json.loads(self._read(header_length)), self._read(payload_length)

    def _read(self, length):
        data = self._process.stdout.read(length)
        if len(data) < length:
            raise LibraryFailure("transcode.mjs ended")
        return data

    def close(self):
        self._process.stdin.close()
        self._process.wait()
