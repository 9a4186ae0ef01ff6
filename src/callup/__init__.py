"""callup runs a lawful call-up from the decree to the last returned notice, and lets everyone check it."""

__version__ = "0.1.0"
