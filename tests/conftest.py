"""What a machine lacks is said and counted, never passed over in silence (design D26); in CI nothing is lacking."""

import shutil

PROGRAMS = {"node": ("node", "nodejs"), "chromium": ("chromium", "chromium-browser")}
LACKING = [name for name, commands in PROGRAMS.items() if not any(shutil.which(command) for command in commands)]
NOT_RUN = dict.fromkeys(LACKING, 0)


def pytest_collection_modifyitems(config, items):
    kept, left_out = [], []
    for item in items:
        lacking = [name for name in LACKING if item.get_closest_marker(name)]
        (left_out if lacking else kept).append(item)
        for name in lacking:
            NOT_RUN[name] += 1
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def pytest_terminal_summary(terminalreporter):
    for name, count in NOT_RUN.items():
        terminalreporter.write_line(f"not run: no {name}" + (f" ({count} tests)" if count else ""), yellow=True)
