"""Lesson 06: many tasks."""
