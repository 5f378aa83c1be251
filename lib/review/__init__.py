"""What a weekly review reads: one object from which the page, every file, the shell and the archive say the same numbers."""
