"""In a real kernel no worker outlives its cell: run again, or interrupted, it stops."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import start_new_async_kernel

PATIENCE = 60
BEGIN = """
import time
from mas_edu.widgets.cell_events import stop_with_cell
from mas_edu.widgets.worker import Worker

def endless():
    while True:
        time.sleep(0.001)
        yield "state"

older = globals().get("live")
live = Worker(lambda state, phase: state, lambda frame, phase: None, print)
stop_with_cell(live)
live.start(endless())
"""


async def run(client: AsyncKernelClient, code: str, cell: str = "another") -> str:
    """Run code as the cell of that id; gives what it prints, or the name of its error."""
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    sent = client.session.msg("execute_request", content, metadata={"cellId": cell})
    client.shell_channel.send(sent)
    said = ""
    while True:
        message = await client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") != sent["header"]["msg_id"]:
            continue
        said += message["content"].get("text", "") + message["content"].get("ename", "")
        if message["content"].get("execution_state") == "idle":
            return said


async def talk() -> dict[str, str]:
    """Everything that is to be found out, in one kernel."""
    manager, client = await start_new_async_kernel(startup_timeout=PATIENCE)
    said = {}
    try:
        await run(client, BEGIN, "figure")
        said["another cell"] = await run(client, "print(live.wait(0.3), live.phase)")

        await run(client, BEGIN, "figure")
        said["again: the older"] = await run(client, "print(older.wait(5), older.phase)")
        said["again: the new"] = await run(client, "print(live.wait(0.3), live.phase)")

        await asyncio.sleep(1)  # the kernel is idle
        await manager.interrupt_kernel()
        said["interrupt when idle"] = await run(client, "print(live.wait(5), live.phase)")

        await run(client, BEGIN, "figure")
        asyncio.get_running_loop().call_later(
            1, lambda: asyncio.ensure_future(manager.interrupt_kernel())
        )
        said["interrupted cell"] = await run(client, "time.sleep(30)")
        said["interrupt of a cell"] = await run(client, "print(live.wait(5), live.phase)")
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
    return said


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """In a thread of its own: a browser that is open in this process has a loop in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, talk()).result()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("another cell", "False running\n"),
        ("again: the older", "True stopped\n"),
        ("again: the new", "False running\n"),
        ("interrupt when idle", "True stopped\n"),
        ("interrupted cell", "KeyboardInterrupt"),
        ("interrupt of a cell", "True stopped\n"),
    ],
)
def test_what_becomes_of_the_worker(said, when, expected):
    assert said[when] == expected
