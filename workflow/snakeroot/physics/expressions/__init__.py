"""The closed language of features and selections: `language` reads it, `evaluation` computes it on arrays."""
