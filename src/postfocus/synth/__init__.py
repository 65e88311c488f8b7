"""Simulated focus sweeps with known truth: pictures drawn by code, seen through a thin lens."""
