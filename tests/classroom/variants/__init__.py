"""Valid answers other than the solutions: every check must accept them.

One file a lesson: `VARIANTS` = the number of an exercise -> its variants.
"""
