"""Split: which events train, which validate, which test, decided by the event's identity alone."""
