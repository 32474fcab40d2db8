"""The classroom: exercises, checks, grading."""
