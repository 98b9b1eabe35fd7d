"""YAML with its places: what a file says, in which line and column it says it, and no more than a config can need."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import yaml

from snakeroot.errors import SnakerootError, reading, shown
from snakeroot.settings import Mistake

LARGEST = 4_000_000
"""Characters in a file."""

LONGEST = 20_000
"""Characters in one text."""

DEEPEST = 50
"""Lists and mappings within each other."""

MOST_VALUES = 200_000
"""Values in a file, those that an alias stands for counted wherever it does."""

_MERGE = "tag:yaml.org,2002:merge"
"""The tag of `<<: *other`, whose keys may stand here again."""

_ADVICE = {
    "mapping values are not allowed here": "a text with ': ' in it needs quotes, and keys of one mapping begin in one "
    "column",
    "alias": "a text that begins with * needs quotes",
    "anchor": "a text that begins with & needs quotes",
    "found character '\\t'": "indent with spaces, not with tabs",
    "cannot start any token": "a text that begins with this sign needs quotes",
    "a tag": "a text that begins with ! needs quotes",
    "2002:value": "a lone = needs quotes",
    "but got '['": "within {…} and […] a text with a bracket in it needs quotes, as in 'x[0]'",
    "but got '{'": "within {…} and […] a text with a brace in it needs quotes",
}
"""What usually helps, by a part of what the parser says."""


class _Loader(yaml.SafeLoader):
    """Reads nothing that is deeper than a config, no whole number that has no place in 64 bits, and no tags.

    A tag has a value taken for what it is not written as, `!!bool x`; nothing in a config needs one.
    """

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > DEEPEST:
            what = f"more than {DEEPEST} lists and mappings within each other"
            raise yaml.composer.ComposerError(None, None, what, self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if tag := getattr(event, "tag", None):
            what = f"a tag, {shown(tag.replace('tag:yaml.org,2002:', '!!'))}, which no config has"
            raise yaml.composer.ComposerError(None, None, what, event.start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
        except (ValueError, OverflowError) as error:  # a date that there is not, a number of thousands of digits
            what = "a number of more than 64 bits" if len(node.value) > 64 else f"{shown(node.value)}: {error}"
            raise _error(what, node) from error
        if type(value) is int and not -(2**63) <= value < 2**64:
            raise _error("a number of more than 64 bits", node)
        return value


def _error(what: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, what, node.start_mark)


class Source:
    """A YAML file.

    Attributes:
        path: as messages name it.
        values: what it says; None if it is empty.
        mistakes: what is wrong in it whatever it is for, such as a key that stands twice.
    """

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.mistakes: list[Mistake] = []
        self._keys: dict[int, Any] = {}
        if len(text) > LARGEST:
            raise SnakerootError(f"{path}: cannot be read as YAML: {len(text)} characters, {LARGEST} at most")
        try:
            loader = _Loader(text)
            self._root = loader.get_single_node()
            if self._root:
                self._size(self._root, (), {}, loader)
            self.values = loader.construct_document(self._root) if self._root else None
        except yaml.MarkedYAMLError as error:
            raise SnakerootError(self._unreadable(error)) from error
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n") + 1
            raise SnakerootError(
                f"{path}:{line}: cannot be read as YAML: the character {chr(error.character)!a} is not allowed"
            ) from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file.

        Raises:
            SnakerootError: if it is no YAML, or has more of anything than a config can need.
        """
        try:
            with reading(path):
                text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise SnakerootError(f"{path}: cannot be read as YAML: {error}") from error
        return cls(path, text)

    def place(self, *keys: str | int) -> str:
        """Return "file:line:column" of what stands at these keys from the top, or of what it is missing from."""
        return ":".join([str(self.path), *map(str, self._line_and_column(keys))])

    def has(self, *keys: str | int) -> bool:
        """Whether something stands at just these keys."""
        node = self._root
        for key in keys:
            if not (entry := self._below(node, key)):
                return False
            node = entry[1]
        return True

    def explain(self, mistakes: Iterable[Mistake]) -> list[str]:
        """Return one line for each mistake, in the order in which they stand in the file."""
        return [f"{self.place(*one.at)}: {one}" for one in sorted(mistakes, key=lambda m: self._line_and_column(m.at))]

    def _line_and_column(self, keys: Iterable[str | int]) -> list[int]:
        mark, node = self._root.start_mark if self._root else None, self._root
        for key in keys:
            if entry := self._below(node, key):  # pydantic names the kind of an optimizer too, which is no key
                mark, node = entry
        return [mark.line + 1, mark.column + 1] if mark else []

    def _below(self, node: yaml.Node | None, key: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
        if isinstance(node, yaml.MappingNode):
            for key_node, value in reversed(node.value):  # what is merged in stands first
                if str(self._keys.get(id(key_node))) == str(key):
                    return key_node.start_mark, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            return node.value[key].start_mark, node.value[key]
        return None

    def _size(self, node: yaml.Node, at: tuple[str | int, ...], known: dict[int, int], loader: _Loader) -> int:
        """Return how many values a node has when all aliases are written out, and look at each node once."""
        if id(node) in known:
            if not known[id(node)]:
                raise _error("an alias of what it stands in", node)
            return known[id(node)]
        known[id(node)] = 0  # under way
        children: Iterable[tuple[str | int, yaml.Node]] = ()
        if isinstance(node, yaml.MappingNode):
            self._look_at_keys(node, at, loader)
            children = [(str(self._keys[id(key)]), value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            children = enumerate(node.value)
        elif len(node.value) > LONGEST:
            raise _error(f"a text of {len(node.value)} characters, {LONGEST} at most", node)
        size = 1 + sum(self._size(child, (*at, key), known, loader) for key, child in children)
        if size > MOST_VALUES:
            raise _error(f"{size:.3g} values, with what its aliases stand for; {MOST_VALUES} at most", node)
        known[id(node)] = size
        return size

    def _look_at_keys(self, node: yaml.MappingNode, at: tuple[str | int, ...], loader: _Loader) -> None:
        """Find keys that stand twice, of which the second would silently win, and mend what a comma has cut in two."""
        if node.flow_style:
            node.value = self._mended(node, at)
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or len(key_node.value) > LONGEST:
                raise _error("a key is a short text", key_node)
            key = "<<" if key_node.tag == _MERGE else loader.construct_object(key_node, deep=True)
            self._keys[id(key_node)] = key
            line = key_node.start_mark.line + 1
            if key in seen and key_node.tag != _MERGE:
                text = f"the key {shown(key)} stands twice: in line {seen[key]} already"
                self.mistakes.append(Mistake(at, text, str(key)))
            seen.setdefault(key, line)

    def _mended(self, node: yaml.MappingNode, at: tuple[str | int, ...]) -> list[tuple[yaml.Node, yaml.Node]]:
        """Return keys and values; what a comma in parentheses has made a key of is put to the value before it."""
        pairs: list[tuple[yaml.Node, yaml.Node]] = []
        cut: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if pairs and _is_open(pairs[-1][1]) and isinstance(key, yaml.ScalarNode) and _is_empty(value):
                first, before = pairs[-1]
                before.value += f", {key.value}"
                cut[str(first.value)] = before
            else:
                pairs.append((key, value))
        for name, value in cut.items():
            text = f"within {{…}} a comma ends a value: put it in quotes, as in {{ {name}: {shown(value.value)} }}"
            self.mistakes.append(Mistake((*at, name), text))
        return pairs

    def _unreadable(self, error: yaml.MarkedYAMLError) -> str:
        mark = error.problem_mark or error.context_mark
        place = f"{self.path}:{mark.line + 1}:{mark.column + 1}" if mark else str(self.path)
        begun = error.context_mark
        context = f"{error.context}, begun in line {begun.line + 1}: " if error.context and begun else ""
        said = f"{error.context} {error.problem}"
        advice = next((f" ({advice})" for part, advice in _ADVICE.items() if part in said), "")
        return f"{place}: cannot be read as YAML: {context}{error.problem}{advice}"


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None


def _is_open(node: yaml.Node) -> bool:
    """Whether a text without quotes has a parenthesis that nothing closes."""
    return _is_plain(node) and node.value.count("(") > node.value.count(")")


def _is_empty(node: yaml.Node) -> bool:
    return _is_plain(node) and node.value == ""
