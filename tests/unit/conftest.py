"""Hypothesis: the same examples in every run, and no time limit on a busy machine."""

from __future__ import annotations

import hypothesis

hypothesis.settings.register_profile("snakeroot", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("snakeroot")
