"""`python -m snakeroot.config.reference`: docs/config.md, made from the models that check the config."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from snakeroot.config.auxiliary import Auxiliary
from snakeroot.config.evaluation import Evaluation
from snakeroot.config.files import SplitFiles
from snakeroot.config.generate import Generate
from snakeroot.config.model import Model
from snakeroot.config.resources import NetworkResources, Resources, TaskResources
from snakeroot.config.schema import Config, Sample, Task
from snakeroot.data.files import to_json
from snakeroot.evaluate.metrics_settings import WorkingPoints
from snakeroot.features.inputs import Image, Sequence, StoredImage, Tree
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.physics.expressions.combinations import MOST
from snakeroot.physics.expressions.functions import COMBINATIONS, ELEMENTWISE, LISTS, REDUCTIONS
from snakeroot.physics.expressions.language import LARGEST_COMBINATION
from snakeroot.plotting.settings import Axis
from snakeroot.reweight.settings import Equal, Reweighting
from snakeroot.settings import Settings, leaves
from snakeroot.split.settings import Fractions, Predefined
from snakeroot.systematics.choices import Systematic, Variation
from snakeroot.templates.choices import Optimised, Quantiles, Region, Templates
from snakeroot.train.initial_settings import Initial
from snakeroot.train.settings import NAMED, Decorrelate, Training
from snakeroot.tune.allocation import Confirmation, Start, SuccessiveHalving
from snakeroot.tune.samplers import SAMPLERS
from snakeroot.tune.settings import Tuning
from snakeroot.tune.space import Parameter

HEAD = """# Every key of the config

Made by `make docs` from the models that check the config; a test fails when it is stale.
A key that is not here is an error that names it and the nearest one that is.
"""

LANGUAGE = f"""
## Expressions

`features`, `definitions`, `selection`, `weight`, `target` and what the objects of images, sequences and trees are made
of are written in a closed language over the branches of the tree: numbers, `+ - * / // % **` (an exponent is a
written-out number), comparisons, `& | ~` between conditions in parentheses, and calls of the functions below.
[Twenty examples](expressions.md) show it on NanoAOD. `x[0]` is the first element of a list per entry, `x[-1]` the last,
`x[:2]` the list of the first two, `x[1:]` of all but the first, `x[x > 30]` of those that pass, `x[argmax(y)]` the
element where y is largest; an element that is not there is NaN. A branch whose name is no identifier is
`branch('its.name')`. A branch in a group, or in an object that is written split, goes by its path, as
`branch('Jet/Jet.PT')` of Delphes or `branch('Jet.pt')` of an RNTuple, or by the end of the path if that is
unambiguous; a leaf of a leaf-list, or a part of a record, is `branch('leaflist.x')`.

* **Lists** combine with numbers, and with lists of the same lengths: `Jet_pt[Muon_pt > 0]` is an error that names the
  entry and both lengths.
* **NaN** goes through everything: what is computed from it is NaN, be it a sum, a mean, a largest or a least element.
  Leave it out first: `max(x[isfinite(x)])`. `argmax` and `argmin` of a list with NaN have no place, -1. A comparison
  with NaN is False, only `!=` is True; `~` of it is the contrary. `where(c, x, y)` is what the chosen side is. `sorted`
  puts objects whose place in the order is NaN last, in the order of the file.
* **What is missing** (an element that is not there, an optional field of an RNTuple without a value) is NaN as a number
  and False as a condition; a missing list or text is empty. Of an empty list the sum is 0, the product 1, `any` False,
  `all` True, and `max`, `min`, `mean`, `std` are NaN.
* **Whole numbers** have 64 bits, signed or not, in `+ - * // %`, `& | << >>`, `abs`, `sum`, `prod`, `maximum`,
  `minimum` and comparisons, and are exact there; a result that does not fit is an error that names the entry. `n % m`
  is NaN for m = 0, and `n // m` what `n / m` is. In all else, beside numbers with a fraction, and as elements (`x[0]`,
  `max(x)`) they are numbers of double precision, exact up to 2⁵³; larger ones that become equal there are counted, in
  the log and the report. A condition counts as 0 or 1.
* **Bits** of whole numbers are tested by `(Jet_jetId & 2) > 0`; `x >> 3` leaves out the last three, `1 << 13` is the
  number with bit 13 alone. An element is no whole number, as it may be missing: `(x & 2)[0] > 0`. Parentheses are
  needed, as `a > 1 & b < 2` means another thing to Python.
* **Places** are numbers from 0 that say where in a list something is, and `x[places]` takes it: a place for each
  entry, or lists of places, of which it makes such lists of elements. So `Muon_pt[Jet_muonIdx1]` is a number for each
  jet. What is no place in the list, as -1, with which NanoAOD says that there is none, or NaN, gives what is missing:
  NaN or False; a number with a fraction is an error. Only a written-out `x[-1]` counts from the end.
* **Lists of lists**: reductions are over the innermost ones, and a list combines with a list of lists of the same
  outer lengths, a number for each inner list. `x[0]` is the first inner list, `x[:, 0]` the first element of each.

* element by element: {", ".join(f"`{name}`" for name in ELEMENTWISE)}
* over the innermost list: {", ".join(f"`{name}`" for name in REDUCTIONS)}
* from list to list: {", ".join(f"`{name}`" for name in LISTS)}
* combinations of elements: {", ".join(f"`{name}`" for name in COMBINATIONS)}

What begins with `arg` gives places. `argmax(x)` and `argmin(x)` are places in a list, -1 if it is empty.
`argcombinations(x, 2)` has a list of two places for each pair of x (3 for triplets, up to {LARGEST_COMBINATION}):
`x[argcombinations(x, 2)]` are the pairs themselves, and `sum` of them is a list of a sum for each pair.
`argcross(x, y)` has for each element of x the list of all places of y: `Muon_eta[argcross(Jet_pt, Muon_pt)]` are the
muons beside each jet. An entry may have {MOST:,} places in combinations; more are an error that names it. `places(x)`
has the place of each element; `isin(x, y)` is whether a number is in a list (NaN is in none); `concatenate(x, y)` is
the list of all x and then all y. `sorted(x, y)` is x in descending order of y, so `sorted(x, y)[1]` is the second by y.
`std(x)` is the root of the mean square deviation.

Four-vectors (of the package vector): `mass(pt, eta, phi, m)` is the invariant mass of the sum of a list, `mass_e(pt,
eta, phi, e)` the same with energies; `system_pt`, `system_eta` and `system_phi` of (pt, eta, phi, m) say where it
goes. `pair_mass(pt, eta, phi, m, pt, eta, phi, m)` and `pair_mass_e` are of two objects, `delta_r(eta, phi, eta,
phi)` is the distance of two. The mass of the leading two jets is `mass(Jet_pt[:2], Jet_eta[:2], Jet_phi[:2],
Jet_mass[:2])`, which of one jet is its own; `pair_mass(Jet_pt[0], …, Jet_mass[1])` of one jet is NaN. Of a negative
squared mass it is the negative root.

`definitions` give names to expressions, numbers, conditions or lists, for use in all others, and as spectators. They
may stand in any order, and none may have the name of a branch. One that is not used costs nothing.

With `rows: Jet`, an expression sees one element of each list `Jet_…` (or `Jet.…`, `Jet/…`), as if it were one number
per entry; all else is as it is for the whole entry. Definitions are computed before that, for the whole entry, so that
`sum(Jet_pt)` has its meaning in them; one that is called `Jet_…` is of the jets like the branches.
"""


def reference() -> str:
    """Return the page."""
    sections: list[tuple[str, type[Settings]]] = [
        ("config/config.yaml", Config),
        ("resources, in config/config.yaml", Resources),
        ("resources, in config/tasks/<task>.yaml", TaskResources),
        ("resources.<stage>", NetworkResources),
        ("config/tasks/<task>.yaml", Task),
        ("images.<image>, of objects", Image),
        ("images.<image>, of the file", StoredImage),
        ("sequences.<sequence>", Sequence),
        ("trees.<tree>", Tree),
        ("samples.<sample>", Sample),
        ("samples.<sample>.files, by split", SplitFiles),
        ("samples.<sample>.generate", Generate),
        ("split", Fractions),
        ("split, by a branch", Predefined),
        ("auxiliary.<name>", Auxiliary),
        ("reweighting.<reweighting>", Reweighting),
        ("reweighting.<reweighting>.variables.<variable>, of equal width", Equal),
        ("models.<model>", Model),
        *(
            (f"models.<model> with architecture: {n}", ARCHITECTURES.load(n).Architecture)
            for n in ARCHITECTURES.names()
        ),
        ("models.<model>.initial", Initial),
        ("models.<model>.training", Training),
        ("models.<model>.training.decorrelate", Decorrelate),
        ("models.<model>.tuning", Tuning),
        ("models.<model>.tuning.pruning", SuccessiveHalving),
        ("models.<model>.tuning.confirm", Confirmation),
        ("models.<model>.tuning.start", Start),
        ("models.<model>.tuning.space.<setting>", Parameter),
        ("evaluation", Evaluation),
        ("evaluation.axes.<feature>", Axis),
        ("evaluation.working_points", WorkingPoints),
        ("systematics.<uncertainty>, also of templates", Systematic),
        ("systematics.<uncertainty>.up and .down", Variation),
        ("templates", Templates),
        ("templates.regions.<region>", Region),
        ("templates.regions.<region>.binning, equal shares", Quantiles),
        ("templates.regions.<region>.binning, by significance", Optimised),
    ]
    tables = [_section(title, _rows(model)) for title, model in sections]
    at = next(number for number, (_, model) in enumerate(sections) if model is Training)
    named = [_section(f"models.<model>.training.{key}", _entries(known)) for key, known in NAMED.items()]
    tables[at + 1 : at + 1] = named
    samplers = {name: SAMPLERS.load(name).Sampler for name in SAMPLERS.names()}
    at = next(number for number, (_, model) in enumerate(sections) if model is SuccessiveHalving) + len(named)
    tables.insert(at, _section("models.<model>.tuning.sampler", _entries(samplers)))
    return HEAD + "".join(tables) + LANGUAGE


def _section(title: str, rows: Iterator[str]) -> str:
    if not (lines := "\n".join(rows)):
        return f"\n## `{title}`\n\nIt has no settings.\n"
    return f"\n## `{title}`\n\n| key | values | default | meaning |\n|---|---|---|---|\n{lines}\n"


def _entries(known: Mapping[str, type[Settings]]) -> Iterator[str]:
    """Each of what goes by a name, with its options below."""
    for name, entry in known.items():
        yield f"| `name: {name}` | | | {(entry.__doc__ or '').removesuffix('.')} |"
        yield from (row for row in _rows(entry) if not row.startswith("| `name`"))


def _rows(model: type[Settings]) -> Iterator[str]:
    properties = model.model_json_schema(by_alias=True)["properties"]
    fields = model.model_fields.items()
    for name, field in sorted(fields, key=lambda item: item[0] not in model.__annotations__):  # inherited ones last
        key = field.alias or name
        yield f"| `{key}` | {_values(properties[key], field)} | {_default(field)} | {field.description or ''} |"


def _values(schema: dict[str, Any], field: FieldInfo) -> str:
    choices = _choices(field.annotation)
    if choices and not {int, float} & set(leaves(field.annotation)):
        return " \\| ".join(f"`{choice}`" for choice in choices)
    kinds = dict.fromkeys(part.get("type", "mapping") for part in _kinds(schema) if part.get("type") != "null")
    words = {
        "object": "mapping",
        "array": "list",
        "integer": "whole number",
        "string": "text",
        "boolean": "true, false",
    }
    bounds = {"exclusiveMinimum": "> ", "minimum": "≥ ", "exclusiveMaximum": "< ", "maximum": "≤ "}
    limits = [f"{sign}{part[bound]:.10g}" for part in _kinds(schema) for bound, sign in bounds.items() if bound in part]
    return ", ".join([*(words.get(kind, kind) for kind in kinds), *limits])


def _kinds(schema: dict[str, Any]) -> list[dict[str, Any]]:
    kinds: list[dict[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or []
    return [inner for kind in kinds for inner in _kinds(kind)] or [schema]


def _choices(annotation: Any) -> list[str]:
    if typing.get_origin(annotation) is typing.Literal:
        return [str(value) for value in typing.get_args(annotation)]
    return [choice for inner in typing.get_args(annotation) for choice in _choices(inner) if choice != "None"]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return ""
    if isinstance(value, Settings):
        return "see there"
    return f"`{re.sub(r'[|]', '', to_json(value))}`"


if __name__ == "__main__":
    print(reference(), end="")  # noqa: T201 - a page for the shell to redirect
