"""Writes printed.jsonl and printedScalars.jsonl beside it: arrays and scalars as numpy 2.4 prints them. Run it with a Python that has numpy 2.4."""
import json, os
import numpy as np

NAN, INF = float('nan'), float('inf')
arrays = [
    np.array(1.5), np.array(1.5, 'f4'), np.array(7), np.array(True), np.array(1 + 2j), np.array(-0.0),
    np.array([], 'f8'), np.zeros((0, 3)), np.zeros((2, 0), 'i4'),
    np.array([0., 1., 2.]), np.array([1.5, 2., 100.25]), np.array([-1.5, 0.1]), np.array([-0., 1]),
    np.array([NAN, 1.25, -INF]), np.array([INF, NAN]), np.array([1e10, NAN, -INF]),
    np.array([1e8, 1]), np.array([99999999., 1e5]), np.array([0.0001, 0.1]), np.array([0.00009, 0.1]), np.array([1., 1001.]),
    np.array([1e-300, 1e300]), np.array([1e-5, 123456.7]), np.array([1 / 3, 2 / 3]), np.array([0.001953125, 1]), np.array([0.005859375]),
    np.array([0.1, 0.00012345679, 1e9], 'f4'), np.array([0.1, 16777217], 'f4'), np.array([1e6, 2], 'f4'), np.array([999999, 2], 'f4'),
    np.array([2012.65625, 224.953125, 3.0e-2], 'f4'), np.array([1e-45, 3.4e38], 'f4'),
    np.array([65504, 6e-8, 0.1], 'f2'), np.array([129.25, 999, 0.333], 'f2'), np.array([999, 1000], 'f2'), np.array([INF, -1], 'f2'),
    np.array([1, -20, 300]), np.array([1, -20, 30], 'i1'), np.array([2**64 - 1, 0], 'u8'), np.array([2**53 + 1, -2**63]),
    np.array([1, 2], '>i4'), np.array([1.5], '>f8'), np.array([True, False]), np.array([[True], [False]]),
    np.array([1 + 2j, complex(NAN, -0.0)]), np.array([1e-9j, 5]), np.array([1.5 - 2.25j, complex(INF, -INF)], 'c8'), np.array([1e6], 'c8'),
    np.arange(6.).reshape(2, 3), np.arange(24, dtype='i2').reshape(2, 3, 4), np.arange(30.) * 1.1, np.arange(1000, dtype='i2'), np.arange(1001, dtype='i2'),
    np.arange(1001, dtype='f2'), np.arange(1200, dtype='i2').reshape(40, 30), np.arange(1331, dtype='u2').reshape(11, 11, 11), np.arange(1200, dtype='f2').reshape(2, 600),
    np.arange(1010) % 2 == 0,
    np.array([b'ab\xff', b'\'"'], 'V3'), np.zeros(2, 'V0'),
    np.array('text'), np.array(['a', 'bc']), np.array([['\xe9\u20ac', "it's"], ['', 'x\\y\n']]), np.array(['a', 'b'], '>U2'), np.array(['\U0001f600'] * 30), np.array(['\U0001f600'] * 9),
    np.array([b'a', b'b\xff\'']), np.array([[b'x'], [b'']], 'S4'), np.zeros(2, 'U0'), np.zeros(2, 'S0'),
    np.array('2001-02-03', 'M8[D]'), np.array(['2001-02-03', 'NaT'], 'M8[D]'), np.array([0, -1, 10**18], 'i8').view('M8[ns]'), np.array([[0], [5]], 'M8[Y]'),
    np.array([0, 1, -13], 'M8[M]'), np.array([0, -1], 'M8[W]'), np.array([0, 25], 'M8[h]'), np.array([0, 61], 'M8[m]'), np.array([-1, 2**40], 'M8[s]'),
    np.array([-1, 1], 'M8[ms]'), np.array([1, -1], 'M8[us]'), np.array([7], 'M8[as]'), np.array([1, 2], 'M8[25s]'), np.array([-800000, 3000000], 'M8[D]'),
    np.array([5, -300, 'NaT'], 'm8[s]'), np.array(5, 'm8[us]'), np.array([1, 2], 'm8[10ms]'), np.array([3], 'm8'), np.array(['2001'], '>M8[Y]'),
    np.array([1.5, 2], 'g'), np.array([1 / 3, 1e-5], 'g'), np.array([1 + 2j], 'G'), np.array(2.5, 'g'),
    np.array([(1, 2.5), (10, 3)], [('a', '<i4'), ('b', '<f8')]), np.array((1, 2.5), [('a', '<i4'), ('b', '>f8')]), np.array([(True, 'x'), (False, 'yz')], [('a', '?'), ('b', '<U2')]),
    np.array([7252572.525, 1 / 3]), np.array([0.000000125, 1.00000000500000005]), np.array([0.001953125, 2.345678905]), np.array([0.75, 1 / 3], 'g'), np.array(np.longdouble(1) / 3),
    np.zeros(2, [('v', '<f4', (2, 2)), ('s', 'S2')]), np.array([((1, 2), 3)], [('p', [('x', '<i2'), ('y', '<i2')]), ('n', '<f4')]), np.array([(0, 5)], [('d', '<M8[s]'), ('t', '<m8[h]')]),
]


def descr(a):
    return a.dtype.descr if a.dtype.names else a.dtype.str


cases = [dict(dtype=descr(a), shape=list(a.shape), hex=a.tobytes().hex(), repr=repr(a), str=str(a)) for a in arrays]
scalars = [np.float64(x) for x in (0, -0.0, 1, 0.1, 1e16, 1e15, 1e-5, 1e-4, 123456789.125, NAN, INF, -INF, -1e20)]
scalars += [np.float32(x) for x in (0.1, 1e5, 1e6, 16777216, 1e-5, 3.4e38, NAN)]
scalars += [np.float16(x) for x in (0.1, 999, 1000, 65504, 6e-8)]
scalars += [np.int64(-5), np.uint64(2**64 - 1), np.bool_(True), np.int8(3)]
scalars += [np.complex128(x) for x in (0, 1, 1j, -1j, complex(-0.0, 1), complex(NAN, -0.0), 1e20 + 0.1j)]
scalars += [np.complex64(x) for x in (0.1 + 1e20j, 1e6, 3.5)]
scalars += [np.datetime64('2001-02-03T04:05', 'm'), np.datetime64('NaT'), np.datetime64(-3000, 'Y'), np.timedelta64(5), np.timedelta64(5, '25s'), np.timedelta64('NaT', 's')]
scalars += [np.str_('a b'), np.longdouble(1.5), np.longdouble(-1e20)]
scalars += [np.longdouble(text) for text in ('1', '0.1', '1e-4', '9.99e-5', '9999999999999999', '1e16', '1e4932', '4e-4951', '-3.3621031431120935063e-4932', 'nan', '-inf', '-0.0', '1180591620717411303424')]
scalars += [np.longdouble(1) / 3, np.clongdouble(1 + 2j) / 3, np.clongdouble(0.5j)]
rows = [dict(dtype=s.dtype.str, hex=s.tobytes().hex(), str=str(s)) for s in scalars]
folder = os.path.dirname(os.path.abspath(__file__))
for name, lines in [('printed.jsonl', cases), ('printedScalars.jsonl', rows)]:
    with open(os.path.join(folder, name), 'w') as out:
        out.write(''.join(json.dumps(line) + '\n' for line in lines))
