"""Stage templates: predictions of the test split → histograms for a fit, with their uncertainties."""
