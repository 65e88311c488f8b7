"""Any input a person points at becomes frames in order: clips, folders, lists and pages."""
