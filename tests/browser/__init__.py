"""A person at the screen: a real browser, a real server, rendered sweeps whose truth is known."""
