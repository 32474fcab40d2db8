"""The playground: choose tasks, a method and λ, and watch the network learn and forget."""

from mas_edu.widgets.playground.call import playground
from mas_edu.widgets.playground.figure import Playground

__all__ = ["Playground", "playground"]
