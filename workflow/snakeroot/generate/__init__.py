"""Stage `generate`: Pythia 8 events, seen by a simple detector, as ntuples."""
