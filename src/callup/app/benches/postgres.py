"""A PostgreSQL of one's own for a while: Debian's programs, a fresh cluster on a socket, and what its processes spend."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callup.terms.errors import Unavailable

OWNER = "postgres"
"""PostgreSQL does not run as root: then Debian's user of that name starts it."""

SHARED = Path("/var/tmp")
"""A folder that every user of the machine may enter (Filesystem Hierarchy Standard 3.0, 5.15)."""


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest; none where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster; anybody on its socket may be anybody.

    Args:
        folder: where its data and its socket lie.
    """

    folder: Path

    def address(self, login: str = OWNER) -> str:
        """How to connect as somebody."""
        return f"postgresql://{login}@/postgres?host={self.folder}"

    def control(self, *words: str) -> None:
        """Start or stop it.

        Raises:
            Unavailable: it would not.
        """
        asked = f"-k {self.folder} -c listen_addresses='' -c shared_buffers=64MB"
        command = ["pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", asked, *words]
        _as_owner(command, self.folder)

    def processes(self) -> list[int]:
        """The numbers of its processes: the first and those that it started."""
        first = int((self.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        started = (Path(f"/proc/{first}/task") / str(first) / "children").read_text(encoding="ascii").split()
        return [first, *map(int, started)]


def _as_owner(command: list[str], folder: Path) -> None:
    tools = programs()
    if tools is None:
        raise Unavailable("no-postgresql", {}, "install PostgreSQL: on Debian, apt-get install postgresql")
    words = [str(tools / command[0]), *command[1:]]
    if os.getuid() == 0:
        words = ["runuser", "-u", OWNER, "--", *words]
    # its output goes to a file: a server that it starts would keep a pipe open
    with (folder / "said").open("wb") as said:
        code = subprocess.run(words, cwd=folder, stdout=said, stderr=said, check=False).returncode
    if code:
        raise Unavailable("postgresql-refused", {"command": command[0], "said": (folder / "said").read_text()[-500:]}, "see what it says")


def _open_to_its_owner() -> Path:
    """The folder for temporary files; the machine's own where root's is closed to the user that PostgreSQL runs as."""
    usual = Path(tempfile.gettempdir()).resolve()
    may_enter = os.getuid() != 0 or all(folder.stat().st_mode & stat.S_IXOTH for folder in (usual, *usual.parents))
    return usual if may_enter else SHARED


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A fresh cluster, removed afterwards.

    Raises:
        Unavailable: PostgreSQL is not installed, or would not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="callup-pg-", dir=_open_to_its_owner()))
    if os.getuid() == 0:
        os.chown(folder, pwd.getpwnam(OWNER).pw_uid, -1)
    made = Cluster(folder)
    try:
        _as_owner(["initdb", "-D", f"{folder}/data", "-U", OWNER, "--auth=trust", "-E", "UTF8", "--no-sync"], folder)
        made.control("start")
        yield made
    finally:
        with contextlib.suppress(Unavailable):
            made.control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
