"""A whole site in one folder, and back: database, media and key, on SQLite and PostgreSQL alike.

A backup holds a `database.sqlite3` on either engine: one file that anybody can open and that the present code can
migrate without touching the site it is restored into (docs/decisions/backup.md).
"""

from melodymuse_site.backup.manifest import BackupRefused
from melodymuse_site.backup.restoring import restore
from melodymuse_site.backup.writing import write_backup

__all__ = ["BackupRefused", "restore", "write_backup"]
