"""The same examples of hypothesis in every run, without a time limit; and torch on one thread, as in jobs."""

from __future__ import annotations

import os

import hypothesis

os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is imported

hypothesis.settings.register_profile("snakeroot", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("snakeroot")
