"""Measurements: speed, quality, alignment, real sets, damaged files. Each is a command."""
