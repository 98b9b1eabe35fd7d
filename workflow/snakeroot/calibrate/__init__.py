"""Calibrate: what makes probabilities of a network's scores, fitted on the validation split."""
