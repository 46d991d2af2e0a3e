"""The house: what the command line does around the product. `atiende.cli` calls each part.

It runs it (`run`), stops and asks about it (`control`), keeps its logs, installs it as a service,
backs it up, and runs the project's gate. Nothing of the product imports this.
"""
