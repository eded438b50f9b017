"""Figures that README and docs quote, each printed by a command, beside the peers it names."""
