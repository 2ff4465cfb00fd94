"""The command line as its users meet it: exit codes, one clear line for a mistake, the shape of what is printed."""
