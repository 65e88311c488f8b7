"""The records that travel from room to room: frozen, and importing nothing else of ours."""
