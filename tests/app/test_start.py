"""A command starts without what only another command needs: drawing and serving are slow to load."""

import subprocess
import sys

SLOW = {"matplotlib", "litestar", "uvicorn", "psycopg", "webauthn", "pikepdf", "pyspark", "scipy"}


def loaded(module):
    asked = f"import sys, {module}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split())


def test_the_command_line_loads_neither_a_server_nor_a_plotter():
    assert loaded("callup.app.main") & SLOW == set()


def test_what_serves_and_draws_loads_them():
    assert loaded("callup.app.web.running, callup.app.draw_picture") >= SLOW - {"pyspark", "scipy"}
