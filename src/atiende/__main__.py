"""`python -m atiende …`: what the launcher executes."""

import sys

from atiende.cli import main

if __name__ == "__main__":
    sys.exit(main())
