"""A headless Chromium, spoken to by a pair of pipes in its DevTools protocol: what a page loads, logs and shows.

Source: https://chromedevtools.github.io/devtools-protocol/ (`--remote-debugging-pipe`: JSON messages that end with NUL)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--remote-debugging-pipe",
)
PATIENCE = 60.0


def find_browser() -> str | None:
    """The command of a Chromium; None without one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """A running browser with one page."""

    def __init__(self, command: str) -> None:
        self._profile = tempfile.mkdtemp(prefix="migguard-browser-")
        read_here, write_there = os.pipe()
        read_there, write_here = os.pipe()
        script = f'exec "$@" 3<&{read_there} 4>&{write_there}'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "browser", command, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"],
            pass_fds=(read_there, write_there),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_there)
        os.close(write_there)
        self._read, self._write = read_here, write_here
        os.set_blocking(self._read, False)
        self._buffer, self._count, self.events = b"", 0, list[dict[str, Any]]()
        pages = [t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        attached = self.ask("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Security"):
            self.page(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._write)
        os.close(self._read)
        self._process.kill()
        self._process.wait(PATIENCE)
        shutil.rmtree(self._profile, ignore_errors=True)

    def page(self, method: str, **parameters: Any) -> Any:
        """Ask the page."""
        return self.ask(method, session=self._session, **parameters)

    def ask(self, method: str, *, session: str | None = None, **parameters: Any) -> Any:
        """Ask, and wait for the answer; events on the way are kept."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        os.write(self._write, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        for one in self._messages(PATIENCE):
            if one.get("id") == self._count:
                assert "error" not in one, one
                return one["result"]
            self.events.append(one)
        raise TimeoutError(f"the browser did not answer {method}")

    def _messages(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Messages as they come, until the time is up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            one, nul, rest = self._buffer.partition(b"\0")
            if nul:
                self._buffer = rest
                yield json.loads(one)
                continue
            try:
                self._buffer += os.read(self._read, 1 << 20)
            except BlockingIOError:
                assert self._process.poll() is None, "the browser ended"
                time.sleep(0.01)

    def open(self, path: Path) -> None:
        """Open a file, and wait until it is loaded and nothing has happened for a moment."""
        self.events.clear()
        self.page("Page.navigate", url=path.as_uri())
        for one in self._messages(PATIENCE):
            self.events.append(one)
            if one.get("method") == "Page.loadEventFired":
                break
        self.events += self._messages(0.3)

    def run(self, script: str) -> Any:
        """The value of a script in the page, which its own policy does not bind."""
        return self.page("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def size(self, width: int, height: int) -> None:
        """The window's size; the one of a phone says that it is one."""
        self.page(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    def scheme(self, name: str) -> None:
        """`light` or `dark`."""
        self.page("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    @property
    def requests(self) -> list[str]:
        """What the page asked for."""
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    @property
    def complaints(self) -> list[str]:
        """What the console says."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(e["params"]) for e in self.events if e.get("method") in kinds]


@contextmanager
def started(command: str) -> Iterator[Browser]:
    """A browser, ended afterwards."""
    with Browser(command) as browser:
        yield browser
