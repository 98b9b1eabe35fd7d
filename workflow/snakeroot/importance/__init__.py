"""Importance: how much worse an exported model is on the test split when an input is permuted, or a part of it missing."""
