"""The report of ``callup plan report``: three questions, a figure and its tables for each, and one number for a journalist."""
