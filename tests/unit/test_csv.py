"""CSV: what a field means, whatever the chunk, and which line is wrong."""

from __future__ import annotations

import csv
import gzip
import io
import math
import tempfile
from pathlib import Path

import kinds
import numpy as np
import pyarrow as pa
import pytest
from helpers import run_features, steps
from hypothesis import given, settings
from hypothesis import strategies as st
from snakeroot.errors import SnakerootError
from snakeroot.features.readers import _lines

KNOWN = {"tree": None, "event_id": ["event"]}


def _bytes(content):
    return content if isinstance(content, bytes) else content.encode()


def run(path, content, **changed):
    path.write_bytes(_bytes(content))
    return run_features(path, **{**KNOWN, "features": {"y": "event"}, **changed})


@pytest.fixture
def read(tmp_path):
    """Reads a text, the same in chunks of all sizes."""

    def found(content, **changed):
        whole, flow = run(tmp_path / "a.csv", content, **changed)
        known = (tmp_path / "output/table.parquet").read_bytes()
        for chunk in (1, 2):
            _, part_flow = run(tmp_path / "a.csv", content, chunk=chunk, **changed)
            assert (tmp_path / "output/table.parquet").read_bytes() == known
            assert steps(part_flow) == steps(flow)
        return whole

    return found


@pytest.fixture
def fails(tmp_path):
    def refused(content, says, **changed):
        (tmp_path / "a.csv").write_bytes(_bytes(content))
        kinds.fails(tmp_path / "a.csv", says, **{**KNOWN, "features": {"y": "event"}, **changed})

    return refused


@pytest.mark.parametrize(
    ("fields", "kind", "values"),
    [
        (["1", "-2", "+3", "004"], pa.int64(), [1, -2, 3, 4]),
        (["9223372036854775807", "-9223372036854775808"], pa.int64(), [2**63 - 1, -(2**63)]),
        (["9223372036854775807", "18446744073709551615"], pa.uint64(), [2**63 - 1, 2**64 - 1]),
        (["9007199254740993", "1"], pa.int64(), [2**53 + 1, 1]),
        (["1", "2.5", "+3e2", ".5", "7."], pa.float64(), [1, 2.5, 300, 0.5, 7]),
        (["1", "nan", "inf", "-Infinity", "NaN"], pa.float64(), [1, math.nan, math.inf, -math.inf, math.nan]),
        (["0.1", "1e-320", "123456789.123456789"], pa.float64(), [0.1, 1e-320, 123456789.123456789]),
        (["1e20", "18446744073709551615"], pa.float64(), [1e20, 2.0**64]),
        (["true", "False", "TRUE"], pa.bool_(), [True, False, True]),
        (["1", "", " "], pa.float64(), [1, math.nan, math.nan]),
        (["", "", ""], pa.float64(), [math.nan] * 3),
        (["true", "", "false"], pa.bool_(), [True, False, False]),
        (["a", "", '"b, ""c"""', "NA"], pa.string(), ["a", "", 'b, "c"', "NA"]),
        (["+49", "12a", "+1"], pa.string(), ["+49", "12a", "+1"]),
        (["0x10", "16"], pa.string(), ["0x10", "16"]),
        (["1", "true"], pa.string(), ["1", "true"]),
        (['5" gun', 'a"b"'], pa.string(), ['5" gun', 'a"b"']),
        ([" 1", "2\t", '" 3"'], pa.int64(), [1, 2, 3]),
        (['"1"', '"2.5"'], pa.float64(), [1, 2.5]),
    ],
)  # fmt: skip
def test_what_a_column_holds_follows_from_all_of_its_fields(read, fields, kind, values):
    for order in (1, -1):
        lines = [f"{number},{text}\n" for number, text in enumerate(fields[::order])]
        table = read("event,x\n" + "".join(lines), spectators=["x"])
        assert table["x"].type == kind
        np.testing.assert_array_equal(table["x"].to_pylist(), values[::order])


PIECES = st.sampled_from(["1", "-7", "2.5", "1e3", "nan", "inf", "", "true", "False", "text", "9223372036854775808"])


def plainly(fields):
    """The rule once more, field by field."""
    given = [text for text in fields if text]
    if given and all(text.lower() in ("true", "false") for text in given):
        return [text.lower() == "true" for text in fields]
    if any(not _number(text) for text in given):
        return fields
    whole = all(text.lstrip("-").isdigit() for text in given)
    if whole and given and max(map(int, given)) >= 2**63 and min(map(int, given)) < 0:
        return None
    if whole and len(given) == len(fields):
        return [int(text) for text in fields]
    return [float(text or "nan") for text in fields]


def _number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PIECES, PIECES), min_size=1, max_size=6), st.integers(1, 4), st.integers(8, 40))
def test_columns_are_what_plain_python_makes_of_them(rows, chunk, block):
    """In blocks of some bytes, which end in the middle of a line, and chunks of some rows."""
    text = io.StringIO()
    csv.writer(text).writerows([["event", "a", "b"], *((f"e{n}", *row) for n, row in enumerate(rows))])
    expected = [plainly([row[place] for row in rows]) for place in range(2)]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(_lines, "BLOCK", block)
        more = {**KNOWN, "features": {"one": "1"}, "spectators": ["a", "b"], "chunk": chunk}
        if None in expected:
            with pytest.raises(SnakerootError, match=r"'-7' in line \d+ and '9223372036854775808' in line \d+, and no"):
                run(Path(folder) / "a.csv", text.getvalue(), **more)
            return
        table, _ = run(Path(folder) / "a.csv", text.getvalue(), **more)
    for name, values in zip("ab", expected, strict=True):
        np.testing.assert_array_equal(table[name].to_pylist(), values)
        assert {type(value) for value in table[name].to_pylist()} == {type(value) for value in values}


def test_comments_above_the_header_and_empty_lines_are_no_rows(read):
    table = read("# made by hand\n\n  # on Monday\nevent, x\n\n1,2\n \n\r\n3,4\r\n5,6", spectators=["x"])
    assert table["id_event"].to_pylist() == [1, 3, 5]
    assert table["x"].to_pylist() == [2, 4, 6]
    assert table["entry"].to_pylist() == [0, 1, 2]


def test_a_mark_of_utf8_and_names_and_texts_that_are_not_english(read):
    assert read("нт,событие,event\n1,2,3\n", features={"y": "branch('событие')"})["y"].to_pylist() == [2]
    table = read("\ufeffevent,größe,s\n1,2,é\n2,3,b\n", features={"y": "branch('größe')"}, spectators=["s"])
    assert table["y"].to_pylist() == [2, 3]
    assert table["s"].to_pylist() == ["é", "b"]


def test_an_unnamed_column_is_there_and_cannot_be_asked_for(read):
    assert read(",event\n0,1\n1,2\n")["id_event"].to_pylist() == [1, 2]


def test_text_and_numbers_identify_events_and_an_empty_field_does_not(read):
    assert read("event\na\nb\n", features={"y": "1"})["id_event"].to_pylist() == ["a", "b"]
    large = read("event\n18446744073709551615\n1\n", features={"y": "1"})
    assert large["id_event"].to_pylist() == [-1, 1]
    kept = read("event,x\n9007199254740993,1\n,2\n", selection="x < 2", features={"y": "x"})
    assert kept["id_event"].to_pylist() == [2**53 + 1]
    assert kept.schema.field("id_event").type == pa.int64()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("event,x\n1,2\n\n3\n", "line 4 has 1 fields, and the header 2; is the file whole"),
        ("event,x\n1,2\n3,4,5\n", "line 3 has 3 fields, and the header 2"),
        ('event,x\n1,"2\n3",4\n', "line 2 has a quote that is not closed in it; a field cannot go on"),
        ('event,x\n1,"2\n', "line 2 has a quote that is not closed"),
        ('event,x\n1,"2"\n3,"4""\n', "line 3 has a quote that is not closed"),
        (b"event,x\n1,2\n3,\xff\n", r"line 3 is not UTF-8 \(b'3,\\xff'\); write the file as UTF-8"),
        ("event,x\r1,2\r3,4\r", "the header has a carriage return within"),
        ("event,x\n1,2\r3,4\n", "line 2 has a carriage return within; end lines with a line feed"),
        ("event,x\n1,2\n# half-time\n3,4\n", "line 3 begins with '#', and comments stand above the header alone"),
        ("event,x\n#1,2\n", "line 2 begins with '#'"),
        ("1,2.5\n2,3.5\n", "the first line, '1,2.5', names no columns; write a header"),
        ("# event,x\n1,2.5\n", r"the first line, '1,2.5', names no columns; write a header \(without '#'"),
        ("event;x\n1;2\n", "the header, 'event;x', has no comma"),
        ("event,x,x\n1,2,3\n", "2 columns are called 'x'; rename all but one"),
        ("event,x\n", "no rows"),
        ("event,x\n\n \n\n", "no rows"),
        ("event,x\n\n\n1,2\n \n3\n", "line 6 has 1 fields"),
        ("# nothing\n", "names no columns"),
        ("event\n1\n\n2\n", 'line 3 is empty; write an empty field as ""'),
        (
            "event,x\n1,18446744073709551616\n",
            "'x' has a whole number beyond 64 bits, '18446744073709551616' in line 2",
        ),
        ("event,x\n1,-9223372036854775809\n", "'x' has a whole number beyond 64 bits"),
        ("event,x\n1," + "9" * 5000 + "\n", "'x' has a whole number beyond 64 bits, '9+… .5002 characters. in line 2"),
        ("event,x\n9007199254740993,1\n,2\n", "'event' has no value in 1 entries, the first of them entry 1"),
        ("event,x\na,1\n,2\n", "'event' has no value in 1 entries, the first of them entry 1"),
        ("event,x\n1,2\n3,n/a\n", r"the branch 'x' holds text \(the first is 'n/a' in line 3\), not numbers"),
        ('event,x\n1,2\n3,"1,000"\n', r"the branch 'x' holds text \(the first is '1,000' in line 3\), not numbers"),
        ("event,x\n1,true\n3,1\n", r"the branch 'x' holds text \(the first is 'true' in line 2\), not numbers"),
        ("event,x\n1,2020-01-01\n", r"the branch 'x' holds text \(the first is '2020-01-01' in line 2\)"),
        ("event,x\n1,2\n".encode("utf-16"), "text of UTF-16, which is not read; write it as UTF-8"),
        (b"\x1f\x8bevent", "truncated or damaged"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(fails, content, says):
    fails(content, says, features={"x": "2 * x"} if b"x" in _bytes(content) else {"y": "event"})


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive(tmp_path, kept):
    content = gzip.compress("".join(["event,x\n", *(f"{n},{n / 7}\n" for n in range(5000))]).encode())
    with pytest.raises(SnakerootError, match=r"a.csv.gz: cannot be read: truncated or damaged \(EOFError.*fetch it"):
        run(tmp_path / "a.csv.gz", content[: int(len(content) * kept)])


def test_a_line_without_an_end_is_warned_of(tmp_path, caplog):
    caplog.set_level("WARNING")
    run(tmp_path / "a.csv", "event\n1\n2\n")
    assert not caplog.records
    run(tmp_path / "a.csv", "event\n1\n2")
    assert [record.message for record in caplog.records] == [
        f"{tmp_path}/a.csv: the last line has no end: is the file whole?"
    ]


def test_a_line_that_never_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(_lines, "BLOCK", 10)
    monkeypatch.setattr(_lines, "LONGEST", 100)
    with pytest.raises(SnakerootError, match="line 1 has more than 100 bytes: is it CSV"):
        run(tmp_path / "a.csv", "event," * 1000)
