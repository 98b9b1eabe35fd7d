"""Tune: rounds of trials, each round proposed from the results of those before it, each trial a job of its own."""
