"""Who is erased is erased from a running portal's memory too, and from a PostgreSQL beside the dossier."""

import asyncio
import contextlib
import shutil
from datetime import date

import psycopg
import pytest
from app.portal_line import HOME, Clocked, freedonia_again, open_case, sign_in, somebody
from litestar.testing import TestClient

from callup.app.benches.postgres import cluster
from callup.app.erasing import erase
from callup.app.standing import summonses
from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.web import serve
from callup.app.web.serve import portal
from callup.app.web.storage import InPostgres, portal_key, prepare_postgres, schema_of
from callup.app.web.store import PortalStore
from callup.app.wire import own_facts
from callup.terms.errors import BadInput

pytestmark = pytest.mark.postgresql
LOGIN = "callup_portal"


@pytest.fixture(scope="module")
def server():
    with cluster() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def running(request, tmp_path, open_line, server, monkeypatch):
    """A portal that runs, and another connection of somebody who may erase."""
    monkeypatch.setattr(serve, "_LOOK_EVERY", 0.1)
    shutil.copytree(open_line, tmp_path / "line")
    with freedonia_again(tmp_path / "line") as course:
        storage, owner = None, None
        if request.param == "postgresql":
            with psycopg.connect(server.address(), autocommit=True) as base:
                base.execute(f"DROP SCHEMA IF EXISTS {schema_of(course)} CASCADE")
            prepare_postgres(course, server.address(), LOGIN)
            storage, owner = InPostgres(course, server.address(LOGIN)), InPostgres(course, server.address())
            course.facts.close()
            course.facts = storage.facts()
        clocked = Clocked(course, storage)
        with TestClient(portal(clocked.site), base_url=HOME) as visitor:
            yield clocked.site, visitor, owner or clocked.site.storage


def everything_kept(site):
    """All that this process holds in memory of cases, as one text."""
    with site.alone:
        named = site.course.engine.table("SELECT * FROM asked").to_pylist() if "asked" in site.course.engine._named else []
    return repr((site._standings, site.facts._kept.to_pylist(), site.course.facts._kept.to_pylist(), named))


def test_the_memory_of_a_running_portal_lets_go_of_who_is_erased(running):
    site, visitor, owner = running
    person, other = somebody(site), somebody(site, 1)
    for one in (person, other):
        sign_in(visitor, one)
        assert visitor.get("/notice").status_code == 200
    open_case(visitor, site, "Stand-in intake 1", person["case_id"])
    visitor.get("/desk")
    site.course.facts.all()
    site.course.engine.register("asked", site.course.facts.of_case(person["case_id"]))
    assert person["case_id"] in everything_kept(site)

    with contextlib.closing(owner.facts()) as facts:
        facts.erase([row["seq"] for row in facts.of_case(person["case_id"]).to_pylist()])
    with contextlib.closing(PortalStore(owner.portal(), portal_key(site.course))) as kept:
        assert kept.forget(person["case_id"]) > 0

    async def a_moment():
        while person["case_id"] in everything_kept(site):
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(a_moment(), 10))
    assert other["case_id"] in repr(site.course.facts.all().to_pylist()), "the others are read again"
    assert person["case_id"] not in everything_kept(site)
    with looking_as(SERVICE):
        assert site.store.held_if(person["case_id"]) is None
        assert site.facts.rows_of_case(person["case_id"]) == []
    assert sign_in(visitor, person).status_code == 422
    if owner is not site.storage:
        assert site.store._base.rows("SELECT * FROM sight WHERE case_id = ?", (person["case_id"],)) == []
        with pytest.raises(BadInput, match="postgres-owner-only"):
            site.facts.erase([1])
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"), psycopg.connect(owner.address, autocommit=True) as base:
            base.execute(f"DELETE FROM {schema_of(site.course)}.facts")


def test_the_command_erases_in_both_places_and_refuses_to_forget_one(tmp_path, whole_line, server):
    shutil.copytree(whole_line, tmp_path / "line")
    with freedonia_again(tmp_path / "line") as course:
        with psycopg.connect(server.address(), autocommit=True) as base:
            base.execute(f"DROP SCHEMA IF EXISTS {schema_of(course)} CASCADE")
        count = prepare_postgres(course, server.address(), LOGIN)
    with freedonia_again(tmp_path / "line") as course:
        assert course.facts.last_seq() == count
        assert course.facts._base.dialect == "postgresql", "from now on the facts are there"
        enlisted = {row["case_id"] for row in course.facts.all().to_pylist() if row["kind"] == "enlisted"}
        case = next(one for one in summonses(course).column("case_id").to_pylist() if one not in enlisted)
        asked = {"by": ("Stand-in One", "Stand-in Two"), "reason": "asked to be forgotten", "day": date(2026, 2, 1)}
        with pytest.raises(BadInput, match="erasure-needs-the-store"):
            erase(course, case, **asked)
        assert erase(course, case, **asked, store=InPostgres(course, server.address())) > 0
        with contextlib.closing(own_facts(course.dossier)) as own:
            course.facts.let_go()
            rows = own.all().to_pylist()
            assert rows == course.facts.all().to_pylist(), "the same facts under the same numbers in both"
            assert case not in repr(rows)
            assert rows[-1]["kind"] == "erased"
