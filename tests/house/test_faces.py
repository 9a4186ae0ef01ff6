"""A package is used through its face: at most twelve names, all of them there, and nothing from behind it."""

import ast

import pytest
from house.tree import SOURCE, face, imported, modules, packages

NAMES = 12
OPEN = {"terms": "its modules are its faces (ADR 0003)", "app": "nobody imports it; it has no face"}

SECOND = {
    "callup.cases.callup_state": "the call-up and its draw as a whole: read by the status of a dossier only",
    "callup.cases.rows": "one fact as a row: what a portal records, a thousand times a minute",
    "callup.cases.desk": "what each step that falls due takes, and what is due in a few cases: read by the desk and by a rehearsal",
    "callup.channels.rehearsal": "the world in memory, loaded only for a rehearsal (design D7)",
    "callup.draw.panels": "a panel out of a published list, picked by the seed, which only an order by panels needs (ADR 0027)",
    "callup.draw.queries": "lines of a roll and tickets as text of queries, for engines of many machines (ADR 0032)",
    "callup.tlog.merging": "a tree whose bottom was hashed elsewhere: for engines of many machines (ADR 0032)",
    "callup.draw.supplements": "lines that enter an order after its draw, which most call-ups never need",
    "callup.notice.compose": "the times of the slots of a place, which the portal gives out as well",
    "callup.notice.decisions": "the letter of a decision, which is written at the desk and not in a wave",
    "callup.notice.codes": "the number and the codes of a letter: whoever names a letter elsewhere writes the same number",
    "callup.cases.undertakings": "what came after enlistment: it tests undertakings and changes no standing",
    "callup.planning.yields": "stages from notice to call-up, drawn: for the plan of notices (ADR 0035)",
    "callup.planning.notices": "how many notices a quota takes (ADR 0035)",
    "callup.planning.learning": "waves that learn (ADR 0035)",
    "callup.planning.truths": "what a plan of notices is tested against (ADR 0035)",
    "callup.planning.pool": "the men of call-up age year by year (ADR 0035)",
    "callup.planning.weeks": "notices by unit and week (ADR 0035)",
    "callup.planning.staffing": "what the weeks cost and who decides (ADR 0035)",
    "callup.planning.boards": "a day at a board: who waits how long (ADR 0035)",
    "callup.planning.from_xmile": "a model out of a file of another program: read by one command (ADR 0035)",
    "callup.planning.outlook": "whether a strength can be reached, by readings of the claims (ADR 0035)",
    "callup.statistics.equality": "whether groups were called alike: a table of the report only",
    "callup.tlog.witnessing": "cosignatures, policies and proof files, for whoever runs or checks a log (ADR 0021)",
    "callup.law.portable": "the tree as plain values, for the page that asks the law in a browser",
    "callup.notice.law_words": "a law in the words of a language: read by the portal",
    "callup.law.dialects": "the words of the other engines: whoever runs a law elsewhere than in DuckDB picks one (ADR 0031)",
    "callup.law.comparing": "counts and lists by the law of a day or of two: read by law impact studies only (safeguard G2)",
    "callup.law.notation": "the editors' face: law and procedure files start with it, and nothing ever imports it",
    "callup.law.examples": "what jurists write beside a law; read by the loader of jurisdictions (ADR 0017)",
    "callup.law.calendars": "a country's calendar; read by the loader of jurisdictions (ADR 0017)",
    "callup.law.floor": "law and procedure together; asked by the loader of jurisdictions (ADR 0017)",
}
"""Second faces, each with its reason and the one package that may use it."""
USERS = {
    "callup.cases.callup_state": "app",
    "callup.notice.codes": "app",
    "callup.notice.decisions": "app",
    "callup.notice.compose": "app",
    "callup.cases.undertakings": "app",
    "callup.cases.rows": "app",
    "callup.cases.desk": "app",
    "callup.channels.rehearsal": "app",
    "callup.draw.panels": "app",
    "callup.draw.queries": "app",
    "callup.tlog.merging": "app",
    "callup.draw.supplements": "app",
    "callup.tlog.witnessing": "app",
    "callup.planning.yields": "app",
    "callup.planning.notices": "app",
    "callup.planning.learning": "app",
    "callup.planning.truths": "app",
    "callup.planning.pool": "app",
    "callup.planning.weeks": "app",
    "callup.planning.staffing": "app",
    "callup.planning.boards": "app",
    "callup.planning.from_xmile": "app",
    "callup.planning.outlook": "app",
    "callup.statistics.equality": "app",
    "callup.law.portable": "app",
    "callup.law.dialects": "app",
    "callup.law.comparing": "app",
    "callup.notice.law_words": "app",
}


@pytest.mark.parametrize("package", sorted(set(packages()) - set(OPEN)))
def test_a_face_is_small_and_declared(package):
    names = face(package)
    assert names is not None, f"callup.{package} declares no __all__"
    assert 1 <= len(names) <= NAMES
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("package", sorted(set(packages()) - set(OPEN)))
def test_a_face_is_whole(package):
    tree = ast.parse((SOURCE / package / "__init__.py").read_text(encoding="utf-8"))
    there = {attribute for _, attribute, _ in imported(tree)} | {
        node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }
    there |= {node.target.id for node in tree.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}
    there |= {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)}
    assert [name for name in face(package) or [] if name not in there] == []


def test_nobody_reaches_behind_a_face():
    wrong = []
    for module in modules():
        for name, attribute, line in imported(module.tree):
            words = name.split(".")
            if words[0] != "callup" or len(words) < 2 or words[1] in (module.package, "terms"):
                continue
            if name in SECOND and module.package == USERS.get(name, "jurisdictions"):
                continue
            names = face(words[1])
            if f"{name}.{attribute}" in SECOND and module.package == USERS.get(f"{name}.{attribute}"):
                continue
            if len(words) > 2 or (attribute and names is not None and attribute not in names):
                wrong.append(f"{module.where}:{line} {name} {attribute}")
    assert [line for line in wrong if not line.startswith("src/callup/__main__.py")] == []
