"""A Freedonia in which two units have independent advice of their own."""

import dataclasses

from callup.law import load_procedure

UNITS = ("north", "FR-N")


def advised(folder, units=UNITS):
    """The folder with one more address for each of the units, in each language of its forms."""
    from importlib.resources import files

    text = files("callup.jurisdictions").joinpath(folder.code, "procedure.py").read_text(encoding="utf-8")
    text += "".join(f'advice(unit="{unit}", key="of-{unit.lower()}")\n' for unit in units)
    blocks = "".join(
        f'\n[advice.of-{unit.lower()}]\nshort = "the advisers of {unit}"\ntext = "The advisers of {unit} help you for free."\n'
        for unit in units
    )
    forms = {
        language: {name: form + blocks if name.startswith("procedure") else form for name, form in texts.items()}
        for language, texts in folder.forms.items()
    }
    return dataclasses.replace(folder, procedure=load_procedure(text, "procedure.py"), forms=forms)
