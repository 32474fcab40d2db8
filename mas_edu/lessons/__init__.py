"""The lessons of the course, one folder each, and where the reader stands in them.

01 forgetting, 02 sensitivity, 03 omega_by_hand, 04 cancellation, 05 penalty_and_lambda,
06 many_tasks, 07 reading_heatmaps, 08 hebb, 09 what_not_to_forget, 10 fair_comparison,
11 scenarios, 12 reproduce, A1 exact_and_fast.
"""

from mas_edu.lessons.reader_progress import where_you_stand

__all__ = ["where_you_stand"]
