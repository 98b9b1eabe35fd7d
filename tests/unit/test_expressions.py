"""The language of features and selections: what it refuses, and what it computes, against plain Python and numpy."""

from __future__ import annotations

import math
import statistics
import warnings

import awkward as ak
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions import functions
from snakeroot.physics.expressions.evaluation import FUNCTIONS, TogetherTooManyError, conditions, numbers
from snakeroot.physics.expressions.functions import ELEMENTWISE
from snakeroot.physics.expressions.language import DEEPEST, LONGEST, conjuncts, parse
from snakeroot.physics.expressions.scope import Scope

NUMBER = st.floats(-1e6, 1e6, allow_subnormal=False)
LISTS = st.lists(st.lists(NUMBER, max_size=4), min_size=1, max_size=6)


def compute(text, **branches):
    """One number per entry."""
    arrays = {name: ak.Array(values) for name, values in branches.items()}
    return numbers(parse(text), arrays, np.arange(len(next(iter(arrays.values())))))


def select(text, **branches):
    """One truth per entry."""
    arrays = {name: ak.Array(values) for name, values in branches.items()}
    return conditions(parse(text), arrays, np.arange(len(next(iter(arrays.values()))))).tolist()


def same(found, expected):
    """Equal numbers, NaN where NaN is expected."""
    np.testing.assert_allclose(found, np.array(expected, dtype=float), rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x.real", "attributes are not in the language"),
        ("x.__class__", "attributes are not in the language"),
        ("__import__('os')", "no function '__import__'"),
        ("pow(x, 2)", r"no function 'pow': write a \*\* 2$"),
        ("len(x)", r"no function 'len': write count\(x\)$"),
        ("round(x)", "no function 'round': there is nothing that rounds$"),
        ("__builtins__", "two leading underscores"),
        ("np.sum(x)", "called by its name"),
        ("(lambda: 1)()", "called by its name"),
        ("lambda: 1", "Lambda is not in the language"),
        ("import os", "not an expression"),
        ("x = 1", "not an expression"),
        ("(y := 1)", "NamedExpr is not in the language"),
        ("9 ** 9 ** 9", "at most 16"),
        ("x ** 17", "at most 16"),
        ("x ** y", "exponent must be a written-out number"),
        ("[i for i in x]", "ListComp is not in the language"),
        ("sum(i for i in x)", "GeneratorExp is not in the language"),
        ("'text'", "only numbers"),
        ("f'{x}'", "not in the language"),
        ("1j", "only numbers"),
        ("None", "only numbers"),
        ("9" * 30, "64 bits"),
        ("1e999", "64 bits"),
        ("x and y", "use &"),
        ("x or y", "use |"),
        ("not x", "use ~"),
        ("x if y else 0", "use where"),
        ("x ^ 2", r"use \*\* for a power"),
        ("x in y", r"use isin\(x, list\)"),
        ("x not in y", r"use ~isin\(x, list\)"),
        ("combinations(x, 2)", r"no function 'combinations': write argcombinations\(x, 2\)"),
        ("join(x, y)", r"no function 'join': write concatenate\(x, y\)$"),
        ("argcombinations(x, n)", "how many are combined must be a written-out whole number from 2 to 8"),
        ("argcombinations(x, 1)", "a written-out whole number from 2 to 8"),
        ("argcombinations(x, 9)", "a written-out whole number from 2 to 8"),
        ("x << 64", "the number of bits to shift by must be a written-out whole number from 0 to 63"),
        ("x >> y", "must be a written-out whole number from 0 to 63"),
        ("x > 1 & y < 2", "put parentheses around each comparison"),
        ("1 + (x & 2 > 0)", r"at 'x & 2 > 0': .*\(flags & 2\) > 0"),
        ("0 < x | y", "put parentheses around each comparison"),
        ("sum(x & 2 > 0) + (y)", "put parentheses around each comparison"),
        ("(ä) > 1 & y < 2", "put parentheses around each comparison"),
        ("x > 1 & \n y < 2", "not an expression"),
        ("(x > 1 &\n y < 2)", "put parentheses around each comparison"),
        ("x is y", "Is is not in the language"),
        ("x[:2:1]", "take the first ones"),
        ("x[:n]", "take the first ones"),
        ("x[1.5:]", "take the first ones"),
        ("x[:, :]", "take the first ones"),
        ("x[0, :]", "take the first ones"),
        ("x[:, *y]", "Starred is not in the language"),
        ("x[:2, 0]", "take the first ones"),
        ("x[:True]", "take the first ones"),
        ("x[:]", "take the first ones"),
        ("x[0, 1]", "take the first ones"),
        ("sum(x, axis=0)", "plain arguments"),
        ("sum(*x)", "Starred is not in the language"),
        ("branch(x)", "name in quotes"),
        ("sqrt(x, y)", "sqrt takes 1 argument, not 2"),
        ("hypot(x)", "hypot takes 2 arguments, not 1"),
        ("", "not an expression"),
        ("x +", "not an expression"),
        ("-" * (DEEPEST + 1) + "x", "nested too deeply"),
        ("-" * (LONGEST - 1) + "x", "nested too deeply"),
        ("(" * 1000 + "x" + ")" * 1000, "not an expression"),
        ("x" * (LONGEST + 1), f"{LONGEST} at most"),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_its_fault(text, says):
    with pytest.raises(SnakerootError, match=says):
        parse(text)


def test_the_part_at_fault_and_the_nearest_function_are_named():
    with pytest.raises(SnakerootError, match=r"at 'hypt\(x, y\)': no function 'hypt': did you mean 'hypot'\?"):
        parse("1 + hypt(x, y)")


def test_the_deepest_and_longest_text_still_works_everywhere():
    text = "-" * (DEEPEST - 1) + "x > 0"
    assert [part.text for part in conjuncts(parse(text))] == [text]
    assert select(text + " " * (LONGEST - len(text)), x=[1.0, -1.0]) == [(-1) ** (DEEPEST - 1) > 0, DEEPEST % 2 == 0]


def test_branches_are_found_sorted_and_once():
    assert parse("b + a * sum(c[d > 1]) - a + branch('e.f') + sqrt(2)").branches == ("a", "b", "c", "d", "e.f")


def test_conjuncts_are_the_steps_of_a_cut_flow():
    steps = conjuncts(parse("(a > 1) & ((b < 2) | (c == 3) & d) & (e != 4)"))
    assert [step.text for step in steps] == ["a > 1", "(b < 2) | (c == 3) & d", "e != 4"]
    assert [step.branches for step in steps] == [("a",), ("b", "c", "d"), ("e",)]
    [first, second] = conjuncts(parse("((flags &\n 2) > 0) & (a>1)"))
    assert (first.text, second.text) == ("(flags & 2) > 0", "a > 1")
    assert parse(first.text).branches == first.branches == ("flags",)


def test_every_function_of_the_language_is_computed():
    assert set(FUNCTIONS) == set(functions.FUNCTIONS)


@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=1))
def test_arithmetic_on_scalars(rows):
    x, y = map(np.array, zip(*rows, strict=True))
    found = compute("-x + 2 * y - x / 4 + (x - y) ** 2 % 7 + where(x > y, 1, 0)", x=x, y=y)
    same(found, [-a + 2 * b - a / 4 + (a - b) ** 2 % 7 + (1 if a > b else 0) for a, b in rows])


@pytest.mark.parametrize(
    "name", sorted(set(ELEMENTWISE) - {"where", "delta_phi", "delta_r", "isfinite", "pair_mass", "pair_mass_e"})
)
def test_functions_of_numbers(name):
    plain = {"abs": abs, "arctan2": math.atan2, "maximum": max, "minimum": min, "hypot": math.hypot}
    reference = plain.get(name) or getattr(math, name.replace("arc", "a"))
    x, y = ([1.0, 2.5] if name == "arccosh" else [0.25, 0.75]), [0.5, -0.5]
    arguments = ["x", "y"][: ELEMENTWISE[name]]
    rows = zip(*[{"x": x, "y": y}[argument] for argument in arguments], strict=True)
    same(compute(f"{name}({', '.join(arguments)})", x=x, y=y), [reference(*row) for row in rows])


@given(NUMBER, NUMBER)
def test_the_difference_of_angles_is_the_short_way_round(first, second):
    [found] = compute("delta_phi(x, y)", x=[first], y=[second])
    assert -math.pi <= found <= math.pi
    assert math.cos(found) == pytest.approx(math.cos(first - second), abs=1e-6)
    assert math.sin(found) == pytest.approx(math.sin(first - second), abs=1e-6)


REFERENCE = {
    "sum": math.fsum,
    "count": len,
    "prod": math.prod,
    "max": lambda row: max(row, default=math.nan),
    "min": lambda row: min(row, default=math.nan),
    "mean": lambda row: statistics.fmean(row) if row else math.nan,
    "std": lambda row: statistics.pstdev(row) if row else math.nan,
    "argmax": lambda row: row.index(max(row)) if row else -1,
    "argmin": lambda row: row.index(min(row)) if row else -1,
}


@given(LISTS)
def test_reductions_and_empty_lists(rows):
    rows = [[], [0.0], *rows]
    for name, reference in REFERENCE.items():
        found = compute(f"{name}(x)", x=rows)
        np.testing.assert_allclose(found, [reference(row) for row in rows], rtol=1e-9, atol=1e-6)
    assert select("any(x > 0)", x=rows) == [any(v > 0 for v in row) for row in rows]
    assert select("all(x > 0)", x=rows) == [all(v > 0 for v in row) for row in rows]


@given(LISTS, st.integers(-5, 4))
def test_one_element_or_nan(rows, index):
    expected = [row[index] if -len(row) <= index < len(row) else math.nan for row in rows]
    same(compute(f"x[{index}]", x=ak.Array([[1.0], *rows]))[1:], expected)


@given(LISTS, NUMBER)
def test_masks_and_combinations_with_scalars(rows, cut):
    jagged, scalar = ak.Array([[cut], *rows]), np.full(len(rows) + 1, cut)
    found = compute("sum(x[(x > y) & (x < 2 * y + 1e7)] * 2) + count(x[x <= y])", x=jagged, y=scalar)
    expected = [sum(2 * v for v in row if cut < v < 2 * cut + 1e7) + sum(v <= cut for v in row) for row in rows]
    np.testing.assert_allclose(found[1:], expected, rtol=1e-9, atol=1e-6)


def test_what_has_no_value_is_nan():
    x = ak.Array([[5.0, 1.0], [7.0], []])
    same(compute("x[1] + 1", x=x), [2, math.nan, math.nan])
    same(compute("where(count(x) > 1, x[1], -1)", x=x), [1, -1, -1])
    same(compute("isfinite(x[1])", x=x), [1, 0, 0])
    assert select("x[1] < 100", x=x) == [True, False, False]
    assert select("~(max(x) > 100)", x=x) == [True, True, True]  # a comparison with NaN is false, and ~ makes it true
    assert select("(count(x) == 0) | (x[0] > 6)", x=x) == [False, True, True]
    assert select("(max(x) < 6) | (count(x) == 0)", x=x) == [True, False, True]
    same(compute("where(x[1] > 0, 1, 0)", x=x), [1, 0, 0])


def test_lists_of_lists_and_of_a_fixed_size():
    same(compute("sum(sum(x)) + x[0][1]", x=ak.Array([[[1, 2], [3]], [[4]]])), [8, math.nan])
    fixed = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    same(compute("sum(x[x > 2])", x=fixed), [3, 15])
    same(compute("x[-1] + x[0]", x=fixed), [4, 10])
    same(compute("x[3]", x=fixed), [math.nan, math.nan])


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.int8, np.int16])
def test_narrow_integers_do_not_wrap(kind):
    top = int(np.iinfo(kind).max)
    same(compute("x - y", x=np.array([3], kind), y=np.array([5], kind)), [-2])
    same(compute("x + x", x=np.array([top], kind)), [2 * top])
    same(compute("sum(x)", x=ak.values_astype(ak.Array([[top, top, top]]), kind)), [3 * top])


def test_large_integers_stay_exact():
    same(compute("x % 10", x=np.array([2**53 + 1], np.int64)), [(2**53 + 1) % 10])
    same(compute("x % 10", x=np.array([2**63 - 1], np.uint64)), [(2**63 - 1) % 10])


@given(LISTS, st.integers(0, 5))
def test_the_first_ones_and_another_order(rows, most):
    rows = [[1.0], *rows]
    same(compute(f"sum(x[:{most}])", x=rows), [sum(row[:most]) for row in rows])
    by = [[-abs(v) for v in row] for row in rows]
    expected = [sorted(row, key=abs)[1] if len(row) > 1 else math.nan for row in rows]
    same(compute("sorted(x, y)[1]", x=rows, y=by), expected)


@given(st.lists(st.tuples(st.lists(NUMBER, max_size=4), st.integers(-2, 5)), min_size=1))
def test_a_place_for_each_entry(entries):
    rows, places = [[1.0], *(row for row, _ in entries)], [0, *(place for _, place in entries)]
    expected = [row[place] if 0 <= place < len(row) else math.nan for row, place in zip(rows, places, strict=True)]
    same(compute("x[i]", x=rows, i=places), expected)
    same(compute("x[argmax(-x)]", x=rows), [min(row, default=math.nan) for row in rows])
    assert select("b[i]", b=ak.Array([[True], [False, True]]), i=[0, 2]) == [True, False]


def momentum(pt, eta, phi, mass=None, energy=None):
    """px, py, pz, E."""
    p2 = (pt * math.cosh(eta)) ** 2
    return np.array([pt * math.cos(phi), pt * math.sin(phi), pt * math.sinh(eta), energy or math.sqrt(p2 + mass**2)])


def invariant(total):
    square = total[3] ** 2 - total[0] ** 2 - total[1] ** 2 - total[2] ** 2
    return math.copysign(math.sqrt(abs(square)), square)


OBJECT = st.tuples(st.floats(1, 1e3), st.floats(-2, 2), st.floats(-3.1, 3.1), st.floats(1, 100))


@given(st.lists(st.lists(OBJECT, min_size=1, max_size=4), min_size=1, max_size=4))
def test_four_vectors_of_lists_and_pairs(rows):
    names = ("pt", "eta", "phi", "m")
    columns = {name: [[one[i] for one in row] for row in rows] for i, name in enumerate(names)}
    columns["e"] = [[momentum(*one)[3] for one in row] for row in rows]
    totals = [sum(momentum(*one) for one in row) for row in rows]
    near = {"rtol": 1e-6, "atol": 1e-4}
    np.testing.assert_allclose(compute("mass(pt, eta, phi, m)", **columns), [invariant(v) for v in totals], **near)
    np.testing.assert_allclose(compute("mass_e(pt, eta, phi, e)", **columns), [invariant(v) for v in totals], **near)
    pt = [math.hypot(*v[:2]) for v in totals]
    np.testing.assert_allclose(compute("system_pt(pt, eta, phi, m)", **columns), pt, **near)
    found = compute("system_pt(pt, eta, phi, m) * sinh(system_eta(pt, eta, phi, m))", **columns)
    np.testing.assert_allclose(found, [v[2] for v in totals], rtol=1e-4, atol=1e-2)
    found = compute("system_pt(pt, eta, phi, m) * cos(system_phi(pt, eta, phi, m))", **columns)
    np.testing.assert_allclose(found, [v[0] for v in totals], rtol=1e-4, atol=1e-2)
    pairs = [sum(momentum(*one) for one in row[:2]) if len(row) > 1 else np.full(4, math.nan) for row in rows]
    for fourth, name in (("m", "pair_mass"), ("e", "pair_mass_e")):
        text = ", ".join(f"{column}[{i}]" for i in (0, 1) for column in ("pt", "eta", "phi", fourth))
        np.testing.assert_allclose(compute(f"{name}({text})", **columns), [invariant(v) for v in pairs], **near)
    two = ", ".join(f"{name}[:2]" for name in names)
    expected = [invariant(sum(momentum(*one) for one in row[:2])) for row in rows]
    np.testing.assert_allclose(compute(f"mass({two})", **columns), expected, **near)


@given(st.lists(OBJECT, max_size=4), OBJECT)
def test_the_distance_of_objects_from_one_or_from_each(row, one):
    columns = {"eta": [[v[1] for v in row] + [0.5]], "phi": [[v[2] for v in row] + [3.0]], "e": [one[1]], "f": [one[2]]}
    turn = [math.remainder(v - one[2], 2 * math.pi) for v in columns["phi"][0]]
    distances = [math.hypot(v - one[1], dphi) for v, dphi in zip(columns["eta"][0], turn, strict=True)]
    assert compute("sum(delta_r(eta, phi, e, f))", **columns)[0] == pytest.approx(sum(distances))
    assert compute("delta_r(e, f, eta[0], phi[0])", **columns)[0] == pytest.approx(distances[0])


def test_the_mass_of_an_empty_list_is_0_and_a_number_stands_for_all_objects():
    columns = {"pt": ak.Array([[3.0], [], [3.0, 4.0]]), "zero": ak.Array([[0.0], [], [0.0, 0.0]])}
    same(compute("mass(pt, zero, zero, 0)", **columns), [0, 0, 0])
    same(compute("mass(pt, zero, zero, 2)", **columns)[:2], [2, 0])


def test_conditions_count_as_0_and_1():
    same(compute("(x > 1) + (x > 2) - (x > 3) * 4 - -(x > 0)", x=[0, 1, 2, 3, 4]), [0, 1, 2, 3, -1])


def test_constants_are_repeated_for_each_entry():
    same(compute("2 * 3", x=[7, 8]), [6, 6])
    assert select("1 < 2", x=[7, 8]) == [True, True]
    assert select("1 < x < 3", x=[1, 2, 3]) == [False, True, False]


JAGGED, SCALAR = [[1.0, 2.0], [3.0]], [1.0, 2.0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x[(z & s)]", "& and | combine conditions"),
        ("(x > 1) & n", "& and | combine conditions"),
        ("~s", "~ is the contrary of a condition"),
        ("s >> 1", "<< and >> shift the bits of whole numbers"),
        ("n[0] & 1", r"write \(x & 2\)\[0\]"),
        ("x[n & 1]", r"compare the bits, as in x\[\(flags & 2\) > 0\]"),
        ("concatenate(x, s)", "takes two lists per entry"),
        ("concatenate(x, argcross(x, z))", "takes two lists per entry"),
        ("isin(x, s)", r"isin\(x, y\) looks for numbers, x, in a list"),
        ("isin(x, argcross(x, z))", r"isin\(x, y\) looks for numbers"),
        ("argcombinations(s, 2)", r"argcombinations\(…\) needs a list"),
        ("argcross(s, x)", r"argcross\(…\) needs a list"),
        ("argcross(x, s)", r"argcross\(…\) needs a list"),
        ("places(s)", r"places\(…\) needs a list"),
        ("x[:, 0]", "lists in it"),
        ("x[n / 2]", r"'n / 2' has 0\.5 in entry 0, which is no place in a list"),
        ("argcross(x, z)[:, z]", "have lists of 2 and 1 elements in entry 0"),
        ("argcross(x, z)[:, n / 2]", r"'\(:, n / 2\)' has 0\.5 in entry 0"),
        ("x", "one number is expected: reduce it"),
        ("x * s", "one number is expected: reduce it"),
        ("sum(s)", "needs a list per entry"),
        ("sorted(x, s)", "needs a list per entry"),
        ("sum(sorted(x, z))", "have lists of 2 and 1 elements in entry 0"),
        ("s[:2]", "needs a list per entry"),
        ("mass(s, x, x, x)", "needs a list per entry"),
        ("s[0]", "needs a list per entry"),
        ("sum(x[s > 1])", "a condition for each of the list's objects"),
        ("x[s + 0.5]", "'s \\+ 0.5' has 1.5 in entry 0, which is no place in a list"),
        ("x[True]", "a condition for each of the list's objects"),
        ("x[1.5]", "takes a number"),
        ("sum(x + z)", "have lists of 2 and 1 elements in entry 0"),
        ("t", "holds text, not numbers"),
    ],
)
def test_a_mistake_in_the_shape_of_values_is_named(text, says):
    with pytest.raises(SnakerootError, match=says):
        compute(text, x=JAGGED, s=SCALAR, n=[[1, 0], [2]], z=[[1.0], [2.0]], t=["a", "b"])


@pytest.mark.parametrize(
    ("text", "says"), [("s", "not a condition"), ("s + 1", "not a condition"), ("x > 1", r"say any\(…\) or all\(…\)")]
)
def test_a_selection_is_one_condition_per_entry(text, says):
    with pytest.raises(SnakerootError, match=says):
        select(text, x=JAGGED, s=SCALAR)


def test_nan_goes_through_every_reduction_and_is_last_in_every_order():
    x = ak.Array([[0.1, math.nan, 0.9], [0.3, 0.2]])
    for name in ("sum", "mean", "std", "prod", "max", "min"):
        assert np.isnan(compute(f"{name}(x)", x=x)).tolist() == [True, False], name
    same(compute("argmax(x)", x=x), [-1, 0])
    same(compute("argmin(x)", x=x), [-1, 1])
    same(compute("count(x)", x=x), [3, 2])
    same(compute("max(x[isfinite(x)])", x=x), [0.9, 0.3])
    pt = ak.Array([[45.0, 60.0, 30.0], [20.0, 10.0]])
    for place, expected in enumerate([[30, 20], [45, 10], [60, math.nan]]):
        same(compute(f"sorted(pt, x)[{place}]", x=x, pt=pt), expected)


def test_comparisons_with_nan_and_the_sides_of_where():
    x = [math.nan, 1.0]
    assert select("x == x", x=x) == [False, True]
    assert select("x != x", x=x) == [True, False]
    assert select("~(x > 2)", x=x) == [True, True]
    same(compute("where(isfinite(x), x, -1)", x=x), [-1, 1])


def test_a_remainder_of_0_is_nan_for_all_numbers():
    same(compute("n % m", n=[7, 7, -7], m=[0, 4, 4]), [math.nan, 3, 1])
    same(compute("n % m", n=[7.0], m=[0.0]), [math.nan])
    same(compute("n % 0", n=[7]), [math.nan])
    same(compute("x[n % 2]", x=[[1.0, 2.0]], n=[5]), [2])


def test_unsigned_numbers_are_compared_and_computed_as_such():
    flags = np.array([2**63, 2**64 - 1], np.uint64)
    assert select("flags > 0", flags=flags) == [True, True]
    assert select("flags > n", flags=flags, n=[-1, 5]) == [True, True]
    assert select("flags == 9223372036854775808", flags=flags) == [True, False]
    same(compute("flags % 10", flags=flags), [(2**63) % 10, (2**64 - 1) % 10])
    assert compute("flags - 9223372036854775807", flags=flags).tolist() == [1.0, 2.0**63]
    assert compute("sum(x)", x=ak.Array(np.array([[2**63 - 1, 2**63]], np.uint64))).tolist() == [float(2**64 - 1)]


@pytest.mark.parametrize(
    ("text", "branches"),
    [
        ("n + m + m", {"n": [1, 2**63 - 1], "m": [1, 2**63 - 1]}),
        ("n * m", {"n": [1, 2**62], "m": [1, 4]}),
        ("-n", {"n": np.array([1, 2**64 - 1], np.uint64)}),
        ("sum(x)", {"x": ak.Array([[1], [2**63 - 1, 2**63 - 1, 2]])}),
        ("prod(x)", {"x": ak.Array([[1], [2**62, 2**62]])}),
        ("n + m", {"n": np.array([1, 2**64 - 1], np.uint64), "m": [-5, 1]}),
        ("abs(n) * m", {"n": [-(2**63), -(2**63)], "m": [1, 2]}),
    ],
)
def test_what_does_not_fit_into_64_bits_is_refused_with_its_entry(text, branches):
    with pytest.raises(SnakerootError, match=r"beyond 64 bits, first in entry 1: write 1\.0 \* for"):
        compute(text, **branches)
    assert np.isfinite(compute(text.replace("n", "(1.0 * n)").replace("(x)", "(1.0 * x)"), **branches)).all()


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("u - 1", lambda u: u - 1),
        ("maximum(u, -1)", lambda u: u),
        ("minimum(-1, u)", lambda u: min(-1, u)),
        ("where(u > 0, u, -1)", lambda u: u if u else -1),
        ("(u - 1) % 7", lambda u: (u - 1) % 7),
        ("7 % (u - 1)", lambda u: 7 % (u - 1) if u != 1 else math.nan),
        ("u % maximum(u, 7)", lambda u: u % max(u, 7)),
        ("abs(u - 1)", lambda u: abs(u - 1)),
        ("(u - 1) - (u - 3)", lambda u: (u - 1) - (u - 3)),
        ("where(u - 1 > 0, u - 1, 5)", lambda u: u - 1 if u > 1 else 5),
        ("1.0 * (u - 1 == 9223372036854775808.0)", lambda u: float(float(u - 1) == 2.0**63)),
        ("exp(1e-19 * (u - 1))", lambda u: math.exp(1e-19 * (u - 1))),
        ("sum(x - 1)", lambda u: 2 * (u - 1) if u < 2**63 else 2**62),
        ("max(x - 1)", lambda u: u - 1 if u < 2**63 else 2**62),
        ("x[argmax(x - 1)]", lambda u: u if u < 2**63 else 2**62 + 1),
        ("sorted(x, x - 1)[0] - 0 * u", lambda u: u if u < 2**63 else 2**62 + 1),
    ],
)
def test_a_number_is_computed_alike_whatever_stands_beside_it(text, of):
    """No type of 64 bits holds -1 and 2^63 together; which are read together follows from the size of a chunk."""
    u = np.array([2**63, 2**64 - 1, 1, 0, 2**63 + 5, 17], np.uint64)
    x = ak.Array([[n, n] if n < 2**63 else [2**62 + 1] for n in u.tolist()])
    expected = [float(of(int(n))) for n in u]
    same(compute(text, u=u, x=ak.values_astype(x, np.uint64)), expected)
    for place in range(len(u)):
        chunk = slice(place, place + 1)
        same(compute(text, u=u[chunk], x=ak.values_astype(x[chunk], np.uint64)), expected[chunk])


def test_functions_of_conditions_are_those_of_0_and_1_in_full_precision():
    same(compute("1000 * exp(n > -1)", n=[0, 1]), [1000 * math.e] * 2)
    same(compute("sum(sqrt(x > 0))", x=[[1.0, -1.0, 2.0]]), [2])
    same(compute("mean(exp(x > 0))", x=[[1.0, 2.0]]), [math.e])
    same(compute("prod(cos(x > 0))", x=[[1.0]]), [math.cos(1)])


def test_a_mask_of_other_lists_is_refused_whether_they_are_shorter_or_longer():
    jets = ak.Array([[10.0], [10.0, 20.0, 30.0]])
    for muons, lengths in (([[1.0], [1.0]], "3 and 1"), ([[1.0], [1.0] * 4], "3 and 4")):
        says = rf"'sum\(jet\[muon > 0\]\)': 'jet' and 'muon > 0' have lists of {lengths} elements in entry 1"
        with pytest.raises(SnakerootError, match=says):
            compute("sum(jet[muon > 0])", jet=jets, muon=muons)


def test_optional_values_are_nan_false_or_empty():
    x, good = ak.Array([1, None, 3]), ak.Array([True, None, False])
    assert select("x > 2", x=x) == [False, False, True]
    assert select("~(x > 2)", x=x) == [True, True, False]
    assert select("good", good=good) == [True, False, False]
    same(compute("x + 1", x=x), [2, math.nan, 4])
    lists = ak.Array([[1.0, None], None, []])
    same(compute("count(x)", x=lists), [2, 0, 0])
    same(compute("sum(x)", x=lists), [math.nan, 0, 0])
    same(compute("x[0]", x=lists), [1, math.nan, math.nan])


def test_four_vectors_of_nan_are_nan():
    one = {"pt": [[math.nan, 1.0], [1.0]], "z": [[0.0, 0.0], [0.0]]}
    for name in ("mass", "mass_e", "system_pt", "system_eta", "system_phi"):
        assert np.isnan(compute(f"{name}(pt, z, z, z)", **one)).tolist() == [True, False], name
    assert np.isnan(compute("delta_r(x, x, 0, 0)", x=[math.nan])).all()
    assert np.isnan(compute("pair_mass(x, 0, 0, 0, 1, 0, 0, 0)", x=[math.nan])).all()


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (ak.Array([{"a": 1}]), "holds records"),
        (ak.Array([[{"a": 1}]]), "holds records"),
        (ak.Array([1, [2]]), "holds variants"),
        (ak.Array([1j]), "holds complex numbers"),
        (ak.Array(np.array(["2026-11-25"], "datetime64[s]")), "holds times"),
        (ak.Array([["a"]]), "holds text"),
    ],
)
def test_a_branch_without_numbers_is_named(array, says):
    with pytest.raises(SnakerootError, match=f"the branch 'x' {says}"):
        compute("x", x=array)


def test_lists_that_definitions_double_again_and_again_have_a_limit():
    """Of a chunk, so fewer entries at once will do; of one entry alone it is an error."""
    names = [parse("x"), *(parse(f"concatenate(d{number}, d{number})") for number in range(40))]
    for entries, error in ((1, SnakerootError), (3, TogetherTooManyError)):
        scope = Scope(
            {"x": ak.Array([[1.0]] * entries)}, {f"d{n}": one for n, one in enumerate(names)}, np.arange(entries), {}
        )
        with pytest.raises(error, match=r"would have [\d,]+ elements in entry 0.*2,097,152 at most"):
            scope.defined("d40")
        assert max(values.content.size for values in scope.computed.values()) <= 2**21


def test_a_product_of_very_many_whole_numbers_is_refused_at_once():
    many = ak.Array([[2**62] * 200_000])
    with pytest.raises(SnakerootError, match="a whole number in 'x' is beyond 64 bits, first in entry 0"):
        compute("prod(x)", x=many)
    same(compute("prod(x)", x=[[2**62, 4, 0], [-(2**62), 2, -1], [2**62, -3, -1]]), [0, 2.0**63, 3 * 2.0**62])


def test_nothing_is_warned_of_and_messages_are_short():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ("1if x else 2", "'\\d'", "x is 1", "x" * 3000 + "[", "f(" + "x" * 3000 + ")", "x" * 3000 + ".y"):
            with pytest.raises(SnakerootError) as error:
                parse(text)
            assert len(str(error.value)) < 700
    with pytest.raises(SnakerootError, match="has a sign in it that is none of a text"):
        parse("x + '\ud800'")
    with pytest.raises(SnakerootError, match="gives a list of values") as error:
        compute("y" * 3000, **{"y" * 3000: ak.Array([[1]])})
    assert len(str(error.value)) < 600
