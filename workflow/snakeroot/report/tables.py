"""Tables as HTML that says which cells are heads, for those who hear a page."""

from __future__ import annotations

import re

import pandas as pd
from markupsafe import Markup

from snakeroot.report.summaries import NONE

_BODY = "<tbody>"


def html(table: pd.DataFrame) -> Markup:
    """Return the table as HTML, with everything in it escaped and each head with its scope."""
    # pandas escapes all cells and headings, so what looks like a tag is one.
    text = table.to_html(border=0, classes="numbers", escape=True, na_rep=NONE).replace(
        ' style="text-align: right;"', ""
    )
    head, body, rows = text.partition(_BODY)
    head = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", head)
    head = re.sub(r'<th([^>]*colspan="\d+"[^>]*)>', r'<th\1 scope="colgroup">', head)
    head = re.sub(r"<th(?![^>]*scope)([^>]*)>", r'<th\1 scope="col">', head)
    rows = re.sub(r'<th([^>]*rowspan="\d+"[^>]*)>', r'<th\1 scope="rowgroup">', rows)
    rows = re.sub(r"<th(?![^>]*scope)([^>]*)>", r'<th\1 scope="row">', rows)
    # the first line of an interval's cell ends where the interval begins
    rows = re.sub(r" (\[[^\]<]*\])</td>", r' <span class="interval">\1</span></td>', rows)
    return Markup(head + body + rows)  # noqa: S704
