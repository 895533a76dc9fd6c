"""How the recruiting services hand over a person, and where they want them back: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey.models import Study


@dataclass(frozen=True, slots=True)
class Recruiter:
    """The parameter that names the person, others that come along, and the address back ({code} is filled in)."""

    person: str
    others: tuple[str, ...] = ()
    return_url: str = ""


RECRUITERS: Mapping[str, Recruiter] = {
    Study.Recruiter.PLAIN: Recruiter(""),
    Study.Recruiter.PROLIFIC: Recruiter(
        "PROLIFIC_PID", ("STUDY_ID", "SESSION_ID"), "https://app.prolific.com/submissions/complete?cc={code}"
    ),
    Study.Recruiter.CLOUDRESEARCH: Recruiter("participantId", ("assignmentId", "projectId")),
    Study.Recruiter.MTURK: Recruiter("workerId", ("assignmentId", "hitId")),
    Study.Recruiter.SONA: Recruiter("survey_code", ()),
}
LONGEST_ID = 100


def read_external_id(study: Study, sent: Mapping[str, str]) -> tuple[str, str]:
    """(the outside id, the name of the missing or unusable parameter). Plain links need none."""
    parameter = RECRUITERS[study.recruiter].person
    if not parameter:
        return "", ""
    value = (sent.get(parameter) or sent.get("external_id") or "").strip()
    usable = 0 < len(value) <= LONGEST_ID and value.isascii() and value.replace("-", "").replace("_", "").isalnum()
    return (value, "") if usable else ("", parameter)


def return_address(study: Study, code: str) -> str:
    """Where the end page leads; empty where the person copies the code by hand."""
    pattern = study.return_url or RECRUITERS[study.recruiter].return_url
    return pattern.replace("{code}", code) if code else ""
