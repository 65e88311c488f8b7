"""Files: what cameras write is read, and what is saved appears whole or not at all."""
