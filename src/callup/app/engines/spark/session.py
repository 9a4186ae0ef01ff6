"""A session on a Spark cluster, or on Spark in one process; what is spilled is enciphered, and no time zone or country decides."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from callup.terms.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL = "local-spark"
_ADDRESS = re.compile(r"spark://([A-Za-z0-9.-]+):([0-9]{1,5})")
_QUIET_START = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData"
"""On one machine Java starts for minutes of work at most: what makes it fast after an hour only costs."""


def check_address(address: str) -> None:
    """Refuse what names no engine of Spark.

    Raises:
        BadInput: neither ``local-spark`` nor ``spark://HOST:PORT``.
    """
    if address != LOCAL and not _ADDRESS.fullmatch(address):
        raise BadInput("engine-unknown", {"engine": address}, f"use duckdb, {LOCAL}, or spark://HOST:PORT of a cluster's master")


def open_session(address: str, folder: Path) -> SparkSession:
    """Start the driver and, on a cluster, its executors.

    Settings of an existing cluster (memory, cores, authentication, how many partitions) come from its ``spark-defaults.conf`` in
    ``SPARK_CONF_DIR``, as for every program of Spark; set here is what the answers and their secrecy need.

    Args:
        address: ``local-spark`` or ``spark://HOST:PORT``.
        folder: a private folder for what the driver spills and says.

    Raises:
        BadInput: no such engine.
        Unavailable: Java or pyspark is missing, or nobody answers there.
    """
    check_address(address)
    if shutil.which("java") is None:
        raise Unavailable("java-missing", {"program": "java"}, "install Java 17 or later, on Debian: apt-get install default-jre-headless")
    try:
        from pyspark import SparkConf, SparkContext
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession
    except ImportError as failure:
        raise Unavailable("pyspark-missing", {"why": str(failure)}, "install it: pip install 'callup[spark]'") from failure
    if SparkContext._gateway is not None:
        raise Unavailable("spark-running", {"engine": address}, "one process speaks to one cluster: close the other engine first")
    conf = SparkConf().setAll(list(_settings(address, folder).items()))
    said = folder / "spark.log"
    with said.open("wb") as file:
        try:
            gateway = launch_gateway(conf, {"stderr": file, "stdout": subprocess.DEVNULL, "start_new_session": True})  # type: ignore[no-untyped-call]
            context = SparkContext(conf=conf, gateway=gateway)
            if address == LOCAL or _is_here(address):
                context.pythonExec = os.environ.get("PYSPARK_PYTHON", sys.executable)
            return SparkSession(context)
        except Exception as failure:
            why = " ".join(str(failure).split())[:300]
            close_gateway()
            raise Unavailable(
                "spark-not-reached", {"engine": address, "why": why}, "see that the master runs and has free workers"
            ) from failure


def close_session(session: SparkSession) -> None:
    """Stop the application on the cluster, then the driver's Java."""
    with contextlib.suppress(Exception):
        session.stop()
    close_gateway()


def close_gateway() -> None:
    """End the driver's Java, so that this process may speak to another cluster; pyspark itself keeps it until the process ends."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is None:
        return
    with contextlib.suppress(Exception):
        gateway.shutdown()
    java = getattr(gateway, "proc", None)
    if java is not None:
        java.stdin.close()
        try:
            java.wait(timeout=20)
        except subprocess.TimeoutExpired:
            java.kill()
            java.wait()
    SparkContext._gateway = SparkContext._jvm = None


def _settings(address: str, folder: Path) -> dict[str, str]:
    """What is set for every session, and what more where all of Spark is on this machine."""
    settings = {
        "spark.app.name": "callup",
        "spark.master": f"local[{_cores()}]" if address == LOCAL else address,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.ansi.doubleQuotedIdentifiers": "true",
        "spark.io.encryption.enabled": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
        # what follows from a law's conditions is not looked for: with the rules of a whole code that takes minutes, and helps nothing
        "spark.sql.constraintPropagation.enabled": "false",
    }
    if address == LOCAL or _is_here(address):
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.extraJavaOptions": _QUIET_START,
            "spark.executor.extraJavaOptions": _QUIET_START,
            "spark.sql.shuffle.partitions": str(_cores()),
            "spark.default.parallelism": str(_cores()),
        }
    return settings


def _is_here(address: str) -> bool:
    """Whether the master listens on this machine's own loopback."""
    found = _ADDRESS.fullmatch(address)
    host = found[1] if found else ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
