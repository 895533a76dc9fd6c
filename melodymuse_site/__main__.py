"""Django's command line for MelodyMuse: `manage.py`, `python -m melodymuse_site`, and `melodymuse` once installed."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "melodymuse_site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
