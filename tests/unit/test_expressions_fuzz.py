"""Every function and operator of the language against a second evaluation, entry by entry in plain Python."""

from __future__ import annotations

import re
from itertools import pairwise

import awkward as ak
import numpy as np
import plain
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from snakeroot.errors import SnakerootError
from snakeroot.features.rows import Rows
from snakeroot.physics.expressions.evaluation import conditions, evaluated, numbers, values
from snakeroot.physics.expressions.functions import FUNCTIONS
from snakeroot.physics.expressions.language import parse

TYPES = ["bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)), "float32", "float64"]
FLOATS = [0.0, -0.0, 1.0, -2.5, 0.1, 3e4, -1e-9, -np.inf, np.inf, np.nan]
SHAPES = {"": 0, "_list": 1, "_other": 1, "_nested": 2}
"""What a branch is called after its type, and how many lists are around a number; `_other` has lists of its own."""

OF_FLOATS = [
    "arccos",
    "arcsin",
    "arcsinh",
    "arctan",
    "cos",
    "cosh",
    "exp",
    "log",
    "log10",
    "sin",
    "sinh",
    "sqrt",
    "tan",
]
OF_ONE = [*OF_FLOATS, "tanh", "abs", "isfinite"]
OF_TWO = ["arctan2", "delta_phi", "hypot", "maximum", "minimum"]
TO_ONE = ["argmax", "argmin", "count", "max", "mean", "min", "prod", "std", "sum"]
FOUR_VECTORS = {"delta_r", "mass", "mass_e", "pair_mass", "pair_mass_e", "system_eta", "system_phi", "system_pt"}
"""Compared with sums of momenta in test_expressions.py."""


ENDS = [":0", ":3", "1:", "-1:", "-9223372036854775809:9223372036854775808", "0", "-1", "9223372036854775808"]
"""Slices and places."""


class Case:
    """Branches of some types, and expressions on them."""

    def __init__(self, random):
        self.random = random
        rows = random.randrange(5)
        counts, others = ([random.randrange(4) for _ in range(rows)] for _ in range(2))
        inner = [random.randrange(3) for _ in range(sum(counts))]
        sizes = {"": rows, "_list": sum(counts), "_other": sum(others), "_nested": sum(inner)}
        self.types = random.sample(TYPES, 2)
        self.branches = {}
        for kind in self.types:
            for shape, size in sizes.items():
                array = ak.Array(np.array([self.element(kind) for _ in range(size)], dtype=kind))
                if shape == "_nested":
                    array = ak.unflatten(array, np.array(inner, np.int64))
                if shape:
                    array = ak.unflatten(array, np.array(others if shape == "_other" else counts, np.int64))
                self.branches[kind + shape] = array

    def element(self, kind):
        """Return a number of a type, often one of its extremes."""
        if kind == "bool":
            return self.random.random() < 0.5
        if kind.startswith("float"):
            return self.random.choice([*FLOATS, self.random.gauss(0, 10), 1e300 if kind == "float64" else 1e30])
        info = np.iinfo(kind)
        ends = [info.min, info.max, info.min + 1, info.max - 1, info.max // 2 + 1, 2**53 + 1]
        return self.random.choice([0, 1, 2, 3, *(end for end in ends if end <= info.max)])

    def number(self, lists, deep):
        """Return the text of a number in so many lists, with at most so many operations inside each other."""
        random, pick = self.random, self.random.choice
        if not deep or random.random() < 0.1:
            return pick([f"{kind}{shape}" for kind in self.types for shape, depth in SHAPES.items() if depth == lists])
        same = lambda: self.number(lists, deep - 1)  # noqa: E731
        beside = pick([same, lambda: self.number(0, deep - 1), self.literal])
        choices = [
            lambda: f"({same()} {pick(['+', '-', '*', '/', '%', '//'])} {beside()})",
            lambda: self.whole(lists, deep - 1),
            lambda: f"({same()} ** {pick(['2', '-1', '0.5', '0'])})",
            lambda: f"({pick('+-')}{same()})",
            lambda: f"{pick(OF_ONE)}({same()})",
            lambda: f"{pick(OF_TWO)}({same()}, {beside()})",
            lambda: f"where({self.condition(lists, deep - 1)}, {same()}, {beside()})",
        ]
        if lists < 2:
            choices += [lambda: f"{pick(TO_ONE)}({self.number(lists + 1, deep - 1)})"] * 2
            choices += [lambda: f"{self.number(lists + 1, deep - 1)}[{random.randrange(-2, 3)}]"]
        if lists == 1:
            choices += [lambda: f"{self.number(2, deep - 1)}[:, {self.place(pick([0, 1]), deep - 1)}]"] * 2
        if lists == 0:
            choices += [lambda: f"{self.number(1, deep - 1)}[{pick(['argmax', 'count'])}({self.number(1, deep - 1)})]"]
        else:
            choices += [
                lambda: f"{same()}[{self.slice()}]",
                lambda: f"{self.number(1, deep - 1)}[{self.place(lists, deep - 1)}]",
                lambda: f"concatenate({same()}, {same()})",
                lambda: f"{same()}[{self.condition(random.randint(1, lists), deep - 1)}]",
                lambda: f"sorted({same()}, {same()})",
            ]
        return pick(choices)()

    def slice(self):
        """Return the text of a slice, behind `:` at times, which needs lists of lists."""
        begin, end = (self.random.choice(["", *map(str, range(-3, 4))]) for _ in range(2))
        return f"{begin}:{end}" if begin or end else "1:"

    def whole(self, lists, deep):
        """Return the text of a whole number in so many lists."""
        random, pick = self.random, self.random.choice
        kinds = [kind for kind in self.types if "int" in kind]
        if not deep or random.random() < 0.2:
            of = [f"{kind}{shape}" for kind in kinds for shape, depth in SHAPES.items() if depth == lists]
            some = pick([name for name, depth in self.shapes() if depth == 1])
            more = {0: f"count({some})", 1: f"places({some})", 2: f"argcross({some}, {some})"}
            return pick([*of, more[lists]])
        same = lambda: self.whole(lists, deep - 1)  # noqa: E731
        beside = pick([same, lambda: self.whole(0, deep - 1), lambda: str(random.randrange(9))])
        choices = [
            lambda: f"({same()} {pick('&|')} {beside()})",
            lambda: f"({same()} {pick(['<<', '>>'])} {pick([0, 1, 5, 62, 63])})",
            lambda: f"({same()} // {pick([1, 2, 7])})",
        ]
        if lists:
            choices += [lambda: f"{same()}[{self.slice()}]"]
        if lists == 2:
            choices += [
                lambda: f"argcombinations({self.number(1, deep - 1)}, {random.randint(2, 4)})",
                lambda: f"argcross({self.number(1, deep - 1)}, {self.number(1, deep - 1)})",
                lambda: f"{same()}[{self.place(1, deep - 1)}]",
                lambda: f"{same()}[:, {self.slice()}]",
            ] * 2
        return pick(choices)()

    def shapes(self):
        """Return the branches, and how many lists are around a number of each."""
        return [(f"{kind}{shape}", depth) for kind in self.types for shape, depth in SHAPES.items()]

    def place(self, lists, deep):
        """Return the text of places in so many lists: no bits, which must be compared."""
        choices = [lambda: f"(0 + {self.whole(lists, deep)})"]
        if lists == 1:
            choices += [
                lambda: f"argcombinations({self.number(1, max(deep - 1, 0))}, 2)[:, {self.random.randrange(2)}]"
            ]
        if lists < 2:
            choices += [lambda: f"{self.random.choice(['argmax', 'count'])}({self.number(lists + 1, deep)})"]
        return self.random.choice([*choices, *([] if lists else [lambda: str(self.random.randrange(-2, 3))])])()

    def literal(self):
        """Return the text of a number."""
        return self.random.choice(["0", "1", "2", "3", "0.5", "30.0", "True", "9223372036854775808"])

    def condition(self, lists, deep):
        """Return the text of a condition in so many lists."""
        pick = self.random.choice
        compared = lambda: self.number(lists, max(deep - 1, 0))  # noqa: E731
        other = pick([compared, self.literal])
        choices = [
            lambda: f"({compared()} {pick(['<', '<=', '>', '>=', '==', '!='])} {other()})",
            lambda: f"isfinite({compared()})",
        ]
        if "bool" in self.types:
            choices += [lambda: pick([f"bool{shape}" for shape, depth in SHAPES.items() if depth == lists])]
        if deep:
            same = lambda: self.condition(lists, deep - 1)  # noqa: E731
            choices += [
                lambda: f"({same()} {pick('&|')} {same()})",
                lambda: f"(~{same()})",
                lambda: f"({compared()} < {compared()} <= {self.literal()})",
                lambda: f"((0 + {self.whole(lists, deep - 1)}) > 1)",
                lambda: f"isin({compared()}, {self.number(1, deep - 1)})",
            ]
            if lists < 2:
                choices += [lambda: f"{pick(['any', 'all'])}({self.condition(lists + 1, deep - 1)})"]
        return pick(choices)()

    def anything(self, deep):
        """Return the text of an expression in which nothing need suit."""
        random, pick = self.random, self.random.choice
        if not deep or random.random() < 0.1:
            return pick([*self.branches, self.literal(), "-1", "1e308", "-9223372036854775809"])
        of = lambda: self.anything(deep - 1)  # noqa: E731
        name = pick(list(FUNCTIONS))
        count = FUNCTIONS[name]
        return pick(
            [
                lambda: f"({of()} {pick(['+', '-', '*', '/', '//', '%', '&', '|', '<', '==', '!='])} {of()})",
                lambda: f"({of()} {pick(['<<', '>>'])} {pick([0, 3, 63])})",
                lambda: f"argcombinations({of()}, {pick([2, 8])})",
                lambda: f"({of()} ** {pick(['-16', '16', '0.5'])})",
                lambda: f"({pick('+-~')}{of()})",
                lambda: f"{of()}[{of()}]",
                lambda: f"{of()}[{pick(['', ':, ', ':, :, '])}{pick(ENDS)}]",
                lambda: f"{of()}[:, {of()}]",
                lambda: f"{name}({', '.join(of() for _ in range(count))})",
            ]
        )()

    def expected(self, text):
        """Return the values in plain Python, None of an entry that is refused; and whether an int64 holds all."""
        kinds = {name: {"b": bool, "f": float}.get(np.dtype(name.split("_")[0]).kind, int) for name in self.branches}
        depths = {name: SHAPES[name.removeprefix(name.split("_")[0])] for name in self.branches}
        tree, found, fits = parse(text).tree, [], True
        for entry in range(len(self.branches[self.types[0]])):
            one = plain.Plain(kinds, depths, {name: column[entry] for name, column in self.lists().items()})
            try:
                found.append(one.value(tree))
            except plain.RefusedError:
                found.append(None)
            fits &= not one.large
        return found, fits

    def lists(self):
        """Return the branches in plain Python."""
        return {name: column.tolist() for name, column in self.branches.items()}

    def computed(self, text, is_condition):
        """Return the project's own values in plain Python."""
        expression, entry = parse(text), np.arange(len(self.branches[self.types[0]]))
        if is_condition:
            return conditions(expression, self.branches, entry).tolist()
        found = values(expression, self.branches, entry)
        if found.depth == 1:
            np.testing.assert_array_equal(numbers(expression, self.branches, entry), found.content.astype(np.float64))
            return found.content.tolist()
        return [found.content[begin:end].tolist() for begin, end in pairwise(found.offsets[0])]


def agree(found, expected):
    """Equal numbers, within what libraries of mathematics differ in."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(agree, found, expected))
    return float(found) == pytest.approx(float(expected), rel=1e-9, abs=1e-12, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=True))
def test_what_is_computed_is_what_plain_python_computes(random):
    case = Case(random)
    for _ in range(8):
        is_condition = random.random() < 0.3
        text = case.condition(0, 3) if is_condition else case.number(random.randrange(2), 3)
        expected, fits = case.expected(text)
        told = f"{text} of {case.lists()}"
        try:
            found = case.computed(text, is_condition)
        except SnakerootError as error:
            right = re.search("have lists of|beyond 64 bits|no place in a list", str(error)) and (
                None in expected or not fits
            )
            event("refused" if right else pytest.fail(f"{told}: {error}"))
        else:
            assert len(found) == len(expected)
            assert all(map(agree, found, expected)), f"{told}: {found}, not {expected}"
            event("computed")


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=True))
def test_what_does_not_suit_is_refused_by_an_error_of_ours(random):
    case = Case(random)
    entry = np.arange(len(case.branches[case.types[0]]))
    for _ in range(16):
        text = case.anything(3)
        for compute in (numbers, values, conditions):
            try:
                compute(parse(text), case.branches, entry)
            except SnakerootError:
                event("refused")
            except Exception as error:
                raise AssertionError(f"{text} of {case.lists()}") from error
            else:
                event("computed")


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=True))
def test_a_definition_is_its_expression_and_is_carried_through_a_cut(random):
    """What was computed before a cut is what would be computed of the rows that are left."""
    case = Case(random)
    entry = np.arange(len(case.branches[case.types[0]]))
    for _ in range(8):
        lists = random.randrange(3)
        text = case.condition(lists, 3) if random.random() < 0.3 else case.number(lists, 3)
        definitions = {"c": parse("d"), "d": parse(text)}
        rows = Rows(case.branches, entry, definitions=definitions)
        passed = np.array([random.random() < 0.5 for _ in entry], bool)
        try:
            before = rows.scope["c"]
        except SnakerootError:
            event("refused")
            continue
        left = rows.keep(passed)
        assert set(left.scope.computed) == {"c", "d"}
        fresh = evaluated(parse(text), left.chunk, left.entry)
        told = f"{text} of {case.lists()}, {passed}"
        assert as_lists(before) == as_lists(evaluated(parse(text), case.branches, entry)), told
        assert as_lists(left.scope["c"]) == as_lists(left.scope["d"]) == as_lists(fresh), told
        event("computed")


def as_lists(found):
    """Values as they are written, by which NaN is itself."""
    content = [repr(value) for value in np.atleast_1d(found.content).tolist()]
    for begins in reversed(found.offsets):
        content = [content[begin:end] for begin, end in pairwise(begins)]
    return content


def test_the_fuzz_knows_the_whole_language():
    of_lists = {"argcombinations", "argcross", "concatenate", "isin", "places", "sorted"}
    assert {*OF_ONE, *OF_TWO, *TO_ONE, *of_lists, "where", "any", "all"} | FOUR_VECTORS == set(FUNCTIONS)
