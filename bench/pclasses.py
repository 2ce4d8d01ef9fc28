"""The class of workload W7, importable by the Python that writes it and by the one that loads it."""


class Point(object):
    def __init__(self, x, y, name, tags):
        self.x = x
        self.y = y
        self.name = name
        self.tags = tags
