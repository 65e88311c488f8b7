"""postfocus: take the picture now, choose the focus afterwards."""
