"""A PostgreSQL of one's own starts also where root's folder for temporary files is closed to everybody else."""

import tempfile

import psycopg
import pytest

from callup.app.benches.postgres import cluster


@pytest.mark.postgresql
def test_it_starts_where_the_folder_for_temporary_files_is_closed(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(closed))
    with cluster() as made, psycopg.connect(made.address()) as base:
        assert base.execute("SELECT 1 + 1").fetchone() == (2,)
    assert not made.folder.exists()
