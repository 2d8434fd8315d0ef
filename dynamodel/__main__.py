"""`python -m dynamodel`: the command line."""

import sys

from dynamodel.cli import main

if __name__ == "__main__":
    sys.exit(main())
