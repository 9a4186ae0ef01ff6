"""The portal's pages and the letter that an official looks at name the advice of the person's unit, and of no other."""

import shutil
from html import unescape

import pytest
from app.portal_line import HOME, Clocked, freedonia_again, sign_in, somebody
from litestar.testing import TestClient
from notice.advised import advised

from callup.app.printing import editions_of
from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.web.doors import unit_of
from callup.app.web.serve import portal


@pytest.fixture
def asked(tmp_path, open_line):
    shutil.copytree(open_line, tmp_path / "line")
    with freedonia_again(tmp_path / "line") as course:
        clocked = Clocked(course)
        with looking_as(SERVICE):
            people = [somebody(clocked.site, at) for at in range(12)]
            units = [unit_of(clocked.site.store.held(one["case_id"])) for one in people]
        course.jurisdiction = advised(course.jurisdiction, tuple(dict.fromkeys(units))[:2])
        with TestClient(portal(clocked.site), base_url=HOME) as client:
            yield course, client, dict(zip(units, people, strict=True))


def test_pages_name_the_advice_of_ones_unit_and_no_other(asked):
    course, client, people = asked
    own = course.jurisdiction.procedure.advised_units
    assert len(own) == 2
    for path in ("/", "/rights"):
        assert not any(f"advisers of {unit}" in unescape(client.get(path).text) for unit in own), "nobody is signed in"
    for unit in own:
        sign_in(client, people[unit])
        for path in ("/notice", "/rights"):
            page = unescape(client.get(path).text)
            assert [one for one in own if f"The advisers of {one} help you for free." in page] == [unit], path
            assert page.index("The advisers of") < page.rindex("The Service Ombudsman of Freedonia")
    assert [(one.language, one.unit) for one in editions_of(course)] == [
        (language, unit) for unit in ("", *own) for language in course.decree.languages
    ]
