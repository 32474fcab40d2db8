"""Studies: a question and its claims, the runs they rest on, and a checklist that recomputes."""
