"""Stage systematics: predictions of the test split, nominal and varied → results/<task>/systematics.json.

What a user writes of uncertainties (`choices.py`) and the rows that they move (`rows.py`) are the templates' as well.
"""
