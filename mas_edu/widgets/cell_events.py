"""No worker outlives its cell: run the cell again, or interrupt the kernel, and it stops.

Jupyter does not tell a widget that its cell was run again, and an interrupt reaches the main
thread only. Both are learned here from IPython's events; outside a notebook nothing happens.
"""

from __future__ import annotations

import signal
import threading
import weakref
from typing import Any

from mas_edu.widgets.worker import WORKERS, Worker

_cells: weakref.WeakKeyDictionary[Worker[Any, Any], str] = weakref.WeakKeyDictionary()
_watched: weakref.WeakSet[Any] = weakref.WeakSet()


def stop_with_cell(live: Worker[Any, Any]) -> None:
    """Let the worker stop when the cell that is running now runs again, or is interrupted."""
    shell = _shell()
    if shell is None:
        return
    cell = shell.get_parent().get("metadata", {}).get("cellId")
    if cell:
        _cells[live] = cell
    if shell not in _watched:
        _watched.add(shell)
        shell.events.register("pre_run_cell", _cell_begins)
        shell.events.register("post_run_cell", _cell_ended)
    _listen_when_idle(shell)


def stop_all() -> None:
    """End every worker's job; each shows how far it came."""
    for live in list(WORKERS):
        live.stop()


def _shell() -> Any:
    """Return IPython's shell in a kernel, or None."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell if hasattr(shell, "kernel") else None


def _cell_begins(info: Any) -> None:
    for live, cell in list(_cells.items()):
        if cell == info.cell_id:
            live.stop()


def _cell_ended(result: Any) -> None:
    if isinstance(result.error_in_exec, KeyboardInterrupt):
        stop_all()


def _listen_when_idle(shell: Any) -> None:
    """Let the interrupt button stop the figures also while the kernel is idle.

    While a cell runs the kernel puts its own handler in place, and ours back afterwards. So ours
    is put in place between two cells, by the kernel's event loop.
    """
    loop = getattr(shell.kernel, "io_loop", None)
    if loop is None:
        return

    def listen() -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        now = signal.getsignal(signal.SIGINT)
        if now is signal.SIG_IGN:
            signal.signal(signal.SIGINT, lambda *_: stop_all())
        elif now is signal.default_int_handler:  # a cell is still running
            loop.call_later(0.5, listen)

    loop.add_callback(listen)
