"""How sharp each place of the picture is in each frame."""
