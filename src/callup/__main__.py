"""``python -m callup`` is the command ``callup``."""

from callup.app.main import main

main()
