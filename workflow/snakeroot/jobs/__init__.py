"""What makes a job of a stage: its command line, its spec, its provenance, its devices and processes."""
