"""Origins: what made a file of a run, told from the records of its jobs and from what Snakemake would do now."""
