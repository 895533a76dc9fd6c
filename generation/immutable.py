"""What the database refuses to change: a ready pair version, and what was heard and said on the listening page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps

from melodymuse_site.triggers import Rule, changed_columns

MESSAGE = "A ready pair version is immutable; make a new version instead."
HEARD = "What somebody heard and said of a pair is never changed."
ALWAYS = "OLD.id IS NOT NULL"


def rules(connection: Any) -> Sequence[Rule]:
    # An account that is deleted leaves its series without a listener.
    drawn = changed_columns(
        connection, apps.get_model("generation", "ListeningSeries"), frozenset({"listener", "finished_at"})
    )
    return [
        Rule("pair_version_ready_update", "generation_pairversion", "UPDATE", "OLD.status = 'ready'", MESSAGE),
        Rule("listening_series_update", "generation_listeningseries", "UPDATE", drawn, HEARD),
        Rule("listening_trial_update", "generation_listeningtrial", "UPDATE", ALWAYS, HEARD),
        Rule("listening_answer_update", "generation_listeninganswer", "UPDATE", ALWAYS, HEARD),
    ]
