"""Methods of apportionment, one module each; a module exports ``METHOD`` and is found by itself."""
