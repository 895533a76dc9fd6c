"""Train the composer of two stages: `manage.py train melody_first --pop909 FOLDER [--emopia FOLDER]`."""
