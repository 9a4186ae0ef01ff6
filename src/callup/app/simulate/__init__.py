"""Scenarios: a world told in a file, run through the same rooms as a call-up, and what must hold whatever happens in it.

Each scenario is a TOML file: its story and sources, the world (who is called, what happens to which share of them and when), and the
looks: a day, and what must hold on it. Shares and days come from published cases; persons are numbers. Nothing here is an act of a call-up.
"""
