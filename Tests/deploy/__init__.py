"""The deployment as its users run it: every file by its own checker, and all of it alive."""
