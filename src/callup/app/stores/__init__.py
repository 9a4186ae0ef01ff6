"""Stores: where facts and log tiles lie, each behind one small protocol with one contract suite."""
