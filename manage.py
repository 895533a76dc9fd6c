#!/usr/bin/env python
"""Django's command line for MelodyMuse."""

from melodymuse_site.__main__ import main

if __name__ == "__main__":
    main()
