"""Survey: what is in ntuples, what a task could make of them, and what is wrong with a task before its first job."""
