"""The playground: choose tasks, a method and λ, and watch the network learn and forget."""

from mas_edu.widgets.playground.figure import Playground, playground

__all__ = ["Playground", "playground"]
