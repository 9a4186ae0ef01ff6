"""The way in by an identity provider, for people and for officials, and what a rehearsal's own provider knows."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.web.desk.granting import stand_in_names
from callup.app.web.desk.passkeys import DeskPasskeys
from callup.app.web.identity import LONGEST_FLOW, Identity, NotIdentified, Provider
from callup.app.web.pages import Asked, Stop, message, to, visit
from callup.app.web.person.routes import signed_in
from callup.app.web.site import Site
from callup.register import rekey

COOKIE = "__Host-callup-flow"
PERSON, OFFICIAL, MADE_UP = "person", "official", "made-up person"


class SigningIn:
    """The handlers of sign-in by provider.

    Args:
        site: the portal.
        desk: the last step of officials, with their passkey.
        identity: the providers.
    """

    def __init__(self, site: Site, desk: DeskPasskeys, identity: Identity) -> None:
        self.site, self.desk, self.identity = site, desk, identity

    def handlers(self) -> list[HTTPRouteHandler]:
        """To a provider, and back."""
        return [get("/sign-in/{provider:str}")(self.leave), get("/sign-in/{provider:str}/back")(self.back)]

    def _provider(self, request: Asked) -> Provider:
        found = self.identity.providers.get(str(request.path_params["provider"]))
        if found is None:
            raise Stop("no_page", 404)
        return found

    async def leave(self, request: Asked) -> Response[str] | Redirect:
        """Send the browser to a provider."""
        try:
            address, state = await self.identity.leave(self._provider(request))
        except NotIdentified as failure:
            return self._not_identified(request, failure)
        there = to(address)
        there.set_cookie(COOKIE, state, path="/", secure=True, httponly=True, samesite="lax", max_age=LONGEST_FLOW)
        return there

    async def back(self, request: Asked) -> Response[str] | Redirect:
        """Take in what a provider says; whoever it names goes on to their notice or to the desk."""
        provider = self._provider(request)
        try:
            who = await self.identity.arrive(provider, dict(request.query_params), request.cookies.get(COOKIE, ""))
        except NotIdentified as failure:
            return self._not_identified(request, failure)
        there = self.desk.come_in(who) if provider.who == OFFICIAL else await self._at_notice(request, self._case_of(provider, who))
        there.delete_cookie(COOKIE)
        return there

    def _not_identified(self, request: Asked, failure: NotIdentified) -> Response[str]:
        silent = failure.code in ("provider-silent", "refused-there")
        return message(self.site, visit(self.site, request), "identity_silent" if silent else "identity_wrong", 503 if silent else 403)

    def _case_of(self, provider: Provider, who: str) -> str:
        """The case of a person of the register; of one who was not called it is the number that their case would have."""
        if provider.who == MADE_UP:
            return who
        ring = self.site.course.ring
        person = rekey(pa.array([who], pa.string()), ring.keys["id"])[0].as_py()
        return ring.name_for("case", self.site.course.decree.id, person, digits=24)

    async def _at_notice(self, request: Asked, case: str) -> Response[str] | Redirect:
        with looking_as(SERVICE):
            called = self.site.store.held_if(case) is not None
        if not called:
            return message(self.site, visit(self.site, request), "not_called", 200)
        return signed_in(await self.site.open_session(case, "oidc"))


def rehearsal_providers(issuer: str) -> tuple[Provider, Provider]:
    """The two clients of a rehearsal's own provider; a real call-up has none of it."""
    person = Provider("rehearsal", "REHEARSAL", issuer, "callup-person", "", MADE_UP, "person_id")
    return person, Provider("rehearsal-desk", "REHEARSAL", issuer, "callup-desk", "", OFFICIAL, "name")


def made_up(site: Site, client: str) -> Mapping[str, str]:
    """Whom a rehearsal's provider lets one be: called people by case, or stand-ins of the desk by name."""
    if client == "callup-desk":
        names = {one.name: f"{one.name}: {one.office}, registrar" for one in site.course.decree.signatories}
        return names | {name: f"{name}: {role}" for name, role in stand_in_names().items()}
    return {case: str(site.store.held(case)["address"].get("name", case)) for case in site.store.first_cases(40)}
