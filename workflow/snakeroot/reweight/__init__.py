"""Reweight: factors on training weights that give classes one shape in some variables, from the train split alone."""
