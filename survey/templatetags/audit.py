"""Entries of the audit log in words."""

from __future__ import annotations

from django import template

from survey.models import AuditEntry

register = template.Library()
WORDS = {
    "add_question": "Asked a ready-made question in the draft",
    "anonymise": "Anonymised after the retention date",
    "cancel_lesson": "Called off a lesson from its answers",
    "cancel_pilot": "Called off a run of simulated people",
    "cancel_export": "Called off an export pack",
    "choose_clips": "Chose the clips",
    "close": "Closed the study",
    "create": "Made the study",
    "download": "Downloaded an export pack",
    "edit": "Changed the draft",
    "exclude": "Set a person aside",
    "export": "Exported answers",
    "invite": "Changed the short address or what messages say is paid",
    "judge": "Judged everybody again",
    "learn": "Let its answers teach the composer",
    "learn_pictures": "Let its answers to pictures correct the network that reads them",
    "make_link": "Made a link to the results for somebody without an account",
    "make_token": "Made a token that reads this study by program",
    "new-version": "Made this version from an older one",
    "outside_ids": "Downloaded ids and outcomes for the recruiting service",
    "signed_links": "Made signed links for ids",
    "open_results": "Opened the results before the study was closed",
    "pilot": "Let simulated people try the draft",
    "preview": "Tried the study as a participant",
    "publish": "Published the study",
    "regenerate": "Asked for a clip to be made anew",
    "remove": "Deleted a draft",
    "remove_question": "Took a question out of the draft",
    "remind_owner": "Turned mails about the study on or off",
    "remove_pilot": "Removed the simulated people and what they showed",
    "remove_bots": "Removed the answers of bots",
    "restore": "Read answers back from an export pack",
    "revoke_link": "Revoked a link to the results",
    "revoke_token": "Revoked a token that read this study by program",
    "share": "Shared the study",
    "take_back": "Took a setting aside back",
    "unshare": "Ended a sharing",
    "write_question": "Wrote a question of the draft",
    "withdraw": "Withdrew from the study",
}
BY_PEOPLE = {"withdraw"}


@register.filter
def said(entry: AuditEntry) -> str:
    """What was done; an action without words of its own stands as it is."""
    return WORDS.get(entry.action, entry.action)


@register.filter
def doer(entry: AuditEntry) -> str:
    """The name at the time, a participant, or nobody: a timer or a command on the server."""
    return entry.actor_name or ("a participant" if entry.action in BY_PEOPLE else "the server")


@register.filter
def details(entry: AuditEntry) -> list[tuple[str, str]]:
    """What belongs to the entry, ready to print."""
    words = {True: "yes", False: "no"}
    return [
        (name.replace("_", " "), words[value] if isinstance(value, bool) else str(value))
        for name, value in entry.detail.items()
        if value not in ("", None)
    ]
