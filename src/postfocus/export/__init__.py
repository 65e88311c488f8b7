"""Finished pictures and depth become files, with all that travels with them."""
