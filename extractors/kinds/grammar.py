r"""Shapes of printed fields as automata that a decode can walk character by character.

A shape is a small regular expression: characters, `\d`, `.`, `[classes]`, `(groups)`, `|`, and
the quantifiers `?`, `*`, `+`, `{m}`, `{m,n}`. A grammar is several shapes, each with a weight
(log, 0 for the usual print, less for the rare): what a string weighs is its best shape's weight.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import TypeAlias

#: a state of the automaton: which places of the shapes the text read so far may have reached
State: TypeAlias = frozenset[int]
PRINTABLE = frozenset(string.digits + string.ascii_letters + string.punctuation + " ")


class ShapeError(ValueError):
    """A shape in our own data is written wrong."""


class _Parser:
    """Turns shapes into one non-deterministic automaton (Thompson's construction).

    Attributes:
        free: per state, the states reached without reading anything.
        arcs: per state, (characters, state reached) or None.
    """

    def __init__(self) -> None:
        self.free: list[list[int]] = []
        self.arcs: list[tuple[frozenset[str], int] | None] = []
        self._text = ""
        self._at = 0

    def add(self, shape: str) -> tuple[int, int]:
        """First and last state of `shape`.

        Raises:
            ShapeError: it is none.
        """
        self._text, self._at = shape, 0
        first, last = self._union()
        if self._at != len(shape):
            raise ShapeError(shape)
        return first, last

    def _state(self) -> int:
        self.free.append([])
        self.arcs.append(None)
        return len(self.free) - 1

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        if self._at >= len(self._text):
            raise ShapeError(self._text)
        self._at += 1
        return self._text[self._at - 1]

    def _union(self) -> tuple[int, int]:
        first, last = self._state(), self._state()
        while True:
            start, end = self._sequence()
            self.free[first].append(start)
            self.free[end].append(last)
            if self._peek() != "|":
                return first, last
            self._take()

    def _sequence(self) -> tuple[int, int]:
        first = last = self._state()
        while self._peek() not in {"", "|", ")"}:
            start, end = self._repeated()
            self.free[last].append(start)
            last = end
        return first, last

    def _repeated(self) -> tuple[int, int]:
        begin = self._at
        start, end = self._atom()
        stop = self._at
        low, high = self._quantifier()
        if (low, high) == (1, 1):
            return start, end
        after = self._at
        first = last = self._state()
        done = self._state()
        for count in range(max(low, high or 1)):
            self._at = begin
            start, end = self._atom()
            if self._at != stop:
                raise ShapeError(self._text)
            if count >= low:
                self.free[last].append(done)
            self.free[last].append(start)
            if high is None and count == max(low, 1) - 1:
                self.free[end].append(start)
            last = end
        self.free[last].append(done)
        self._at = after
        return first, done

    def _quantifier(self) -> tuple[int, int | None]:
        """At least, and at most (None: any number)."""
        simple = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        if self._peek() in simple:
            return simple[self._take()]
        if self._peek() != "{":
            return 1, 1
        self._take()
        inner = ""
        while self._peek() != "}":
            inner += self._take()
        self._take()
        low, comma, high = inner.partition(",")
        return int(low), int(high) if comma else int(low)

    def _atom(self) -> tuple[int, int]:
        char = self._take()
        if char == "(":
            inside = self._union()
            if self._take() != ")":
                raise ShapeError(self._text)
            return inside
        first, last = self._state(), self._state()
        self.arcs[first] = (self._characters(char), last)
        return first, last

    def _characters(self, char: str) -> frozenset[str]:
        if char == ".":
            return PRINTABLE
        if char == "\\":
            return self._escape()
        if char != "[":
            return frozenset(char)
        found: set[str] = set()
        while self._peek() != "]":
            one = self._take()
            if one == "\\":
                found |= self._escape()
            elif self._peek() == "-" and self._text[self._at + 1 : self._at + 2] != "]":
                self._take()
                found |= {chr(c) for c in range(ord(one), ord(self._take()) + 1)}
            else:
                found.add(one)
        self._take()
        return frozenset(found)

    def _escape(self) -> frozenset[str]:
        char = self._take()
        return frozenset(string.digits) if char == "d" else frozenset(char)


class Grammar:
    """The shapes of a kind; walks are remembered, so that a second one costs a look-up."""

    def __init__(self, shapes: Sequence[tuple[str, float]]) -> None:
        parser = _Parser()
        ends = [(*parser.add(shape), weight) for shape, weight in shapes]
        self._free = parser.free
        self._arcs = parser.arcs
        self._weights = {last: weight for _, last, weight in ends}
        self.start = self._closed({first for first, _, _ in ends})
        self._steps: dict[tuple[State, str], State | None] = {}

    def _closed(self, states: set[int]) -> State:
        """`states` and all that they reach without reading anything."""
        found, todo = set(states), list(states)
        while todo:
            for state in self._free[todo.pop()]:
                if state not in found:
                    found.add(state)
                    todo.append(state)
        return frozenset(found)

    def step(self, state: State, char: str) -> State | None:
        """Where `char` leads from `state`; None: no shape goes on like that."""
        key = (state, char)
        if key not in self._steps:
            reached = {arc[1] for arc in (self._arcs[s] for s in state) if arc and char in arc[0]}
            self._steps[key] = self._closed(reached) if reached else None
        return self._steps[key]

    def weight(self, state: State) -> float | None:
        """Weight of the best shape that may end at `state`; None: none may."""
        return max((w for s, w in self._weights.items() if s in state), default=None)

    def match(self, text: str) -> float | None:
        """Weight of `text`; None: it has none of the shapes."""
        state: State | None = self.start
        for char in text:
            state = self.step(state, char) if state is not None else None
        return None if state is None else self.weight(state)
