"""Features: one ROOT ntuple in, one table of event identity, weight, target, features and spectators out."""
