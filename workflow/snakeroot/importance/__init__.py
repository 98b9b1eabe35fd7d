"""Importance: how much an exported model depends on its inputs, by permuting them or taking parts of them away."""
