"""Many frames become one picture."""
