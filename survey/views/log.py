"""The audit log of a study: who did what, and when."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from survey.models import AuditEntry, Study
from survey.views.access import of_study

PER_PAGE = 50
WORDS = {
    "anonymise": "Anonymised after the retention date",
    "cancel_export": "Called off an export pack",
    "close": "Closed the study",
    "create": "Made the study",
    "download": "Downloaded an export pack",
    "exclude": "Set a person aside",
    "export": "Exported answers",
    "judge": "Judged everybody again",
    "new-version": "Made this version from an older one",
    "open_results": "Opened the results before the study was closed",
    "preview": "Tried the study as a participant",
    "publish": "Published the study",
    "regenerate": "Asked for a clip to be made anew",
    "remove": "Deleted a draft",
    "remove_bots": "Removed the answers of bots",
    "restore": "Read answers back from an export pack",
    "share": "Shared the study",
    "take_back": "Took a setting aside back",
    "unshare": "Ended a sharing",
    "withdraw": "Withdrew from the study",
}
BY_PEOPLE = {"withdraw"}


@require_safe
@of_study(edit=True)
def log(request: HttpRequest, study: Study) -> HttpResponse:
    page = Paginator(study.audit.all(), PER_PAGE).get_page(request.GET.get("page"))
    lines = [(entry, WORDS.get(entry.action, entry.action), who_did(entry), details_of(entry)) for entry in page]
    return render(request, "survey/studies/log.html", {"study": study, "page": page, "lines": lines})


def who_did(entry: AuditEntry) -> str:
    """The name at the time, a participant, or nobody: a timer or a command on the server."""
    return entry.actor_name or ("a participant" if entry.action in BY_PEOPLE else "the server")


def details_of(entry: AuditEntry) -> list[tuple[str, str]]:
    """What belongs to the entry, ready to print."""
    words = {True: "yes", False: "no"}
    return [
        (name.replace("_", " "), words[value] if isinstance(value, bool) else str(value))
        for name, value in entry.detail.items()
        if value not in ("", None)
    ]
