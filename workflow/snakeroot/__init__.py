"""Snakeroot: from ROOT ntuples to trained, evaluated PyTorch models, one package or module per stage."""
