"""Networks: what they take, which there are, what they are trained for, and how they are kept."""
