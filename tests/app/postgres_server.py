"""A real PostgreSQL, Debian's, started by the tests on a socket of their own."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


def _as_owner(words, folder):
    """PostgreSQL does not run as root: then its own user starts it."""
    if os.getuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@contextlib.contextmanager
def postgres():
    """The folder of the socket of a fresh cluster; its owner is the superuser ``postgres``, whom anybody on this socket may be."""
    folder = Path(tempfile.mkdtemp(prefix="callup-pg-"))
    if os.getuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    tools = BINARIES[0]
    made = _as_owner([str(tools / "initdb"), "-D", f"{folder}/data", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync"], folder)
    assert made.returncode == 0, made.stderr
    asked = f"-k {folder} -c listen_addresses='' -c shared_buffers=64MB"
    control = [str(tools / "pg_ctl"), "-D", f"{folder}/data", "-w", "-l", f"{folder}/log"]
    started = _as_owner([*control, "-o", asked, "start"], folder)
    assert started.returncode == 0, started.stderr + (folder / "log").read_text()
    try:
        yield Server(folder, control, asked)
    finally:
        _as_owner([*control, "-m", "immediate", "stop"], folder)
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """A cluster that a test may stop and start."""

    def __init__(self, folder, control, asked):
        self.folder, self.control, self.asked = folder, control, asked

    def address(self, login="postgres"):
        """How to connect as somebody."""
        return f"postgresql://{login}@/postgres?host={self.folder}"

    def stop(self):
        """As a machine that loses power: nothing is finished in order."""
        _as_owner([*self.control, "-m", "immediate", "stop"], self.folder)

    def start(self):
        """Come back."""
        assert _as_owner([*self.control, "-o", self.asked, "start"], self.folder).returncode == 0
