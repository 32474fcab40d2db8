"""The lessons of the course, one folder each, and where the reader stands in them."""

from mas_edu.lessons.reader_progress import where_you_stand

__all__ = ["where_you_stand"]
