"""Times pickle.loads or pickle.dumps of this Python in this process. The one argument is a job as JSON, see ../jobs.mjs."""
import functools
import gc
import json
import os
import pickle
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def peak_memory():
    """Peak resident bytes of this process, not counting what its parent had before exec."""
    try:
        with open('/proc/self/status') as status:
            for line in status:
                if line.startswith('VmHWM:'):
                    return int(line.split()[1]) * 1024
    except IOError:
        pass
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == 'darwin' else peak * 1024


def at(value, path):
    for key in path:
        value = value[key] if hasattr(value, '__getitem__') else getattr(value, key)
    return value


def is_right(value, expected):
    if 'depth' in expected:
        for _ in range(expected['depth'] - 1):
            value = value[0]
        return value == []
    if len(value) != expected['length']:
        return False
    for path, sample in expected['samples']:
        if at(value, path) != (int(sample['int']) if isinstance(sample, dict) else sample):
            return False
    return True


def import_heavy_packages(names):
    """Done before anything is timed: a model's first load would else pay for importing its library."""
    for name in names:
        __import__(name)


def c_pickle():
    if sys.version_info[0] == 2:
        import cPickle
        return cPickle
    import _pickle
    assert pickle.loads is _pickle.loads
    return pickle


def timed(job, data):
    """The function that is timed, its one argument, and what gives the value for its result."""
    module = c_pickle()
    if job['work'] == 'decode':
        return module.loads, data, lambda value: value
    protocol = job['protocol']
    is_default = protocol == getattr(module, 'DEFAULT_PROTOCOL', 0)
    dumps = module.dumps if is_default else functools.partial(module.dumps, protocol=protocol)
    return dumps, module.loads(data), module.loads


def measure(job):
    import_heavy_packages(job.get('imports', []))
    clock = getattr(time, 'perf_counter', time.time)
    cpu_clock = getattr(time, 'process_time', time.clock if hasattr(time, 'clock') else None)
    bare = peak_memory()
    with open(job['input'], 'rb') as file:
        data = file.read()
    run, argument, value_of = timed(job, data)
    if job['work'] == 'encode':
        del data
        bare = peak_memory()
    with open(job['expected']) as file:
        expected = json.load(file)
    wall, cpu, peak, calls = [], [], 0, job['calls']
    for iteration in range(job['iterations']):
        result = None
        gc.collect()
        cpu_start, start = cpu_clock(), clock()
        for _ in range(calls - 1):
            run(argument)
        result = run(argument)
        wall.append((clock() - start) * 1e3 / calls)
        cpu.append((cpu_clock() - cpu_start) * 1e3 / calls)
        if iteration == 0:
            peak = peak_memory()
            if not is_right(value_of(result), expected):
                return {'outcome': 'wrong'}
    return {'outcome': 'right', 'wall': wall, 'cpu': cpu, 'bare': bare, 'peak': peak}


def main():
    try:
        result = measure(json.loads(sys.argv[1]))
    except Exception as error:
        result = {'outcome': 'fails', 'reason': '%s: %s' % (type(error).__name__, error)}
    print(json.dumps(result))


if __name__ == '__main__':
    main()
