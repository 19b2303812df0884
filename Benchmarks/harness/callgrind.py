"""Reads what callgrind writes: instructions spent in each function, calls made to each."""

import re
from collections import Counter

# `fn=(12) name` names a function and gives it a number, `fn=(12)` only repeats the number.
NAME = re.compile(r"(c?fn)=\((\d+)\)(?: (.*))?$")


class Profile:
    """One dump: the instructions of the whole program and per function, and calls."""

    def __init__(self, lines):
        self.instructions = 0
        self.own = Counter()
        self.calls = Counter()
        # (caller, callee) → calls
        self.edges = Counter()
        names = {}
        function = callee = None
        next_cost_is_of_call = False
        for line in lines:
            line = line.rstrip("\n")
            match = NAME.match(line)
            if match:
                kind, number, name = match.groups()
                if name is not None:
                    names[number] = name
                if kind == "fn":
                    function = names[number]
                else:
                    callee = names[number]
            elif line.startswith("calls="):
                count = int(line[len("calls="):].split()[0])
                self.calls[callee] += count
                self.edges[function, callee] += count
                next_cost_is_of_call = True
            elif line.startswith("totals:"):
                self.instructions = int(line.split()[1])
            elif line[:1] in "0123456789+-*" and line:
                cost = line.split()
                if not next_cost_is_of_call and len(cost) > 1:
                    self.own[function] += int(cost[1])
                next_cost_is_of_call = False

    @classmethod
    def read(cls, path):
        with open(path) as file:
            return cls(file)

    def calls_of(self, prefixes):
        """Calls of all functions whose name starts with one of `prefixes`."""
        return sum(
            count for name, count in self.calls.items() if name.startswith(tuple(prefixes))
        )

    def calls_named(self, names):
        return sum(self.calls[name] for name in names)
