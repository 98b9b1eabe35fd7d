"""Records: finished trainings and searches, in the formats of the tools that people compare runs with."""
