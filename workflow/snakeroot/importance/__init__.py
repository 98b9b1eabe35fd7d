"""Importance: how much worse an exported model is on the test split when one of its inputs is permuted."""
