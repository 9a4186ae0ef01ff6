"""The stages of the line: each takes a course and empty folders, and gives the entries of what it made."""
