"""How each frame must be moved so that the pictures lie on one another."""
