"""Apply: the scores of any ntuple, by an exported model alone: without torch, Snakemake or a config."""
