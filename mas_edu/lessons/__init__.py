"""The lessons of the course, one folder each."""

__all__ = []
