"""A Spark cluster of one's own for a while: a master and two workers from the pip package, on loopback addresses."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from callup.terms.errors import Unavailable

LOOPBACK = "127.0.0.1"
_JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xmx192m", "-Dspark.master.rest.enabled=false")
"""Small processes that start fast: they only tell others what to do."""
_TRUSTED = "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
"""The classes of the pip package are not verified again in every process: a third of the seconds until a cluster works."""
_STARTED = re.compile(r"Starting Spark master at (spark://\S+)")
_SECONDS = 60.0
_SCALA = re.compile(r"spark-core_([0-9.]+)-")


@dataclass(slots=True)
class SparkCluster:
    """A running cluster.

    Args:
        folder: where its logs lie, and what its workers spill; removed with it.
        address: ``spark://HOST:PORT``.
        workers: the numbers of the workers' processes.
    """

    folder: Path
    address: str = ""
    workers: list[int] = field(default_factory=list)


@contextlib.contextmanager
def spark_cluster(workers: int = 2, memory: str = "1g", cores: int = 1) -> Iterator[SparkCluster]:
    """A fresh standalone cluster, stopped and removed afterwards, also where the work with it failed.

    Args:
        workers: how many worker processes.
        memory: what each may give its executors, as Java writes it.
        cores: how many tasks each runs at once.

    Raises:
        Unavailable: Java or pyspark is not installed, or the master would not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="callup-spark-"))
    running: list[subprocess.Popen[bytes]] = []
    made = SparkCluster(folder)
    try:
        running.append(_start(folder, "master.Master", "--port", "0"))
        made.address = _address(folder / "master.Master.log", running[0])
        for number in range(workers):
            asked = ("--cores", str(cores), "--memory", memory, "--work-dir", f"{folder}/work-{number}", made.address)
            running.append(_start(folder, "worker.Worker", *asked, log=f"worker-{number}.log"))
        made.workers = [one.pid for one in running[1:]]
        yield made
    finally:
        for one in reversed(running):
            _stop(one)
        shutil.rmtree(folder, ignore_errors=True)


def spark_home() -> Path:
    """Where the pip package lies.

    Raises:
        Unavailable: it is not installed.
    """
    try:
        import pyspark
    except ImportError as failure:
        raise Unavailable("pyspark-missing", {"why": str(failure)}, "install it: pip install 'callup[spark]'") from failure
    return Path(pyspark.__file__).parent


def _start(folder: Path, name: str, *words: str, log: str = "") -> subprocess.Popen[bytes]:
    """One process of the cluster, in a group of its own, so that its executors end with it; it ends with us, whatever ends us."""
    java, home = shutil.which("java"), spark_home()
    if java is None:
        raise Unavailable("java-missing", {"program": "java"}, "install Java 17 or later, on Debian: apt-get install default-jre-headless")
    scala = next(found[1] for path in sorted((home / "jars").iterdir()) if (found := _SCALA.match(path.name)))
    private = {"SPARK_HOME": str(home), "SPARK_SCALA_VERSION": scala, "SPARK_LOCAL_IP": LOOPBACK, "SPARK_LOCAL_DIRS": str(folder)}
    ending = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    command = [*ending, java, *_JAVA, f"-Djava.io.tmpdir={folder}", "-cp", f"{home}/jars/*", f"org.apache.spark.deploy.{name}"]
    command += ["--host", LOOPBACK, "--webui-port", "0", *words]
    environment = os.environ | private | {"TZ": "UTC", "JDK_JAVA_OPTIONS": _TRUSTED}
    with (folder / (log or f"{name}.log")).open("wb") as file:
        return subprocess.Popen(command, env=environment, cwd=folder, stdout=file, stderr=file, start_new_session=True)


def _address(log: Path, master: subprocess.Popen[bytes]) -> str:
    """The address that the master says in its log once it listens."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and master.poll() is None:
        found = _STARTED.search(log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found[1]
        time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace")[-300:]
    raise Unavailable("spark-master-failed", {"why": said}, "mend Java or the pip package of Spark and run again")


def _stop(running: subprocess.Popen[bytes]) -> None:
    """End the process and its group; wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGTERM)
    try:
        running.wait(timeout=10)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
