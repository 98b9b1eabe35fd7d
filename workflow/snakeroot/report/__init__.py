"""Stage report: all tasks of the workflow on one page that needs nothing beside it."""
