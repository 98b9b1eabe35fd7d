"""Features: one ntuple in, one table of event identity, weight, target, inputs and spectators out."""
