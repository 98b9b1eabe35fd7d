"""The figures of a search for better settings, one command each."""
