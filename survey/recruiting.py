"""How the recruiting services hand over a person, and where they want them back: one table.

Many of their ids are public (MTurk) or can be counted through (SONA): an id says who comes, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core import signing
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode

from survey.models import Study


@dataclass(frozen=True, slots=True)
class Recruiter:
    """How a service and this site find each other.

    The parameter that names the person, others that come along, the address back ({code} is filled in), what the
    researcher gives the service ({address} is filled in), and what to know about that.
    """

    person: str
    others: tuple[str, ...] = ()
    return_url: str = ""
    given: str = "{address}"
    note: str = ""


RECRUITERS: Mapping[str, Recruiter] = {
    Study.Recruiter.PLAIN: Recruiter(""),
    Study.Recruiter.PROLIFIC: Recruiter(
        "PROLIFIC_PID",
        ("STUDY_ID", "SESSION_ID"),
        "https://app.prolific.com/submissions/complete?cc={code}",
        "{address}?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}",
        "The study's URL at Prolific, which fills in what stands in braces.",
    ),
    Study.Recruiter.CLOUDRESEARCH: Recruiter(
        "participantId",
        ("assignmentId", "projectId"),
        note="The survey link of the project. Connect adds ?participantId=… and more to it by itself.",
    ),
    Study.Recruiter.MTURK: Recruiter(
        "workerId",
        ("assignmentId", "hitId"),
        given='<a id="study" target="_blank">Open the study</a>\n'
        '<script>document.getElementById("study").href = "{address}" + location.search</script>',
        note="For the HTML of the HIT: MTurk adds ?workerId=… and more to its address, and this hands them on.",
    ),
    Study.Recruiter.SONA: Recruiter(
        "survey_code",
        given="{address}?survey_code=%SURVEY_CODE%",
        note="The study's URL at SONA, which fills in what stands between the per cent signs.",
    ),
}
# The codes of a study, and who is shown which.
CODES: Mapping[str, str] = {
    "code_complete": "Finished",
    "code_screened_out": "Does not fit (screened out)",
    "code_no_consent": "Does not agree",
    "code_quota_full": "Came when the study was full",
}
LONGEST_ID = 100
# What services and scripts send in place of an id that they do not have.
NO_IDS = {"null", "none", "undefined", "nan", "false", "true", "id", "external_id", "assignment_id_not_available"}
SIGNATURE = "signature"
# What the study's own pages call the id, whatever the service calls it.
OWN_PARAMETER = "external_id"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a link says about who comes.

    The outside id, whether the recruiter's signature vouches for it, the name of a parameter that is missing or
    unusable, and whether the link tries to name somebody at all.
    """

    outside_id: str = ""
    vouched: bool = False
    missing: str = ""
    names_somebody: bool = False


def read_outside_id(study: Study, sent: Mapping[str, str]) -> Sent:
    """Read who comes. Plain links name nobody; services and people write a parameter's name in any case.

    A link whose parameter is empty, or says two things, means somebody all the same: not whoever came before.
    """
    parameter = RECRUITERS[study.recruiter].person
    if not parameter:
        return Sent()
    told = _values_of(sent, parameter) or _values_of(sent, OWN_PARAMETER)
    value = told.pop() if len(told) == 1 else ""
    if not is_outside_id(value, parameter):
        named = {name.casefold() for name in sent}
        return Sent(missing=parameter, names_somebody=not named.isdisjoint({parameter.casefold(), OWN_PARAMETER}))
    signature = next(iter(_values_of(sent, SIGNATURE)), "")
    return Sent(value, _is_signature(study, signature, value), names_somebody=True)


def _values_of(sent: Mapping[str, str], parameter: str) -> set[str]:
    """What is said under the name `parameter`, in whatever case it is written."""
    values = {value.strip() for name, value in sent.items() if name.casefold() == parameter.casefold()}
    return values - {""}


def is_outside_id(value: str, parameter: str = "") -> bool:
    """Whether `value` can be an id of a recruiting service: letters, digits, hyphens, underscores; no placeholder."""
    plain = value.replace("-", "").replace("_", "")
    if not (0 < len(value) <= LONGEST_ID and value.isascii() and plain.isalnum()):
        return False
    return value.casefold() not in NO_IDS | {parameter.casefold()}


def sign_outside_id(study: Study, value: str) -> str:
    """The recruiter's signature under an id: with it a link opens the id's participation in any browser."""
    return _sign_exactly(study, value.casefold())


def _is_signature(study: Study, signature: str, value: str) -> bool:
    """Whether `signature` is the recruiter's: earlier links were signed with the id as it was written."""
    return any(constant_time_compare(signature, _sign_exactly(study, one)) for one in (value.casefold(), value))


def _sign_exactly(study: Study, value: str) -> str:
    return signing.Signer(salt=f"survey.recruiter:{study.pk}").signature(value)


def signed_link(study: Study, address: str, value: str) -> str:
    """The personal link of `value`, from the study's `address`."""
    parameter = RECRUITERS[study.recruiter].person
    return f"{address}?{urlencode({parameter: value, SIGNATURE: sign_outside_id(study, value)})}"


def given_to_service(study: Study, address: str) -> str:
    """What the researcher copies to the service, so that it names the people whom it sends to `address`."""
    return RECRUITERS[study.recruiter].given.replace("{address}", address)


@dataclass(frozen=True, slots=True)
class Handover:
    """What one service is given: its link or code, what to know, and where it wants people back with each code."""

    name: str
    label: str
    text: str
    note: str
    returns: Mapping[str, str]


def handovers(study: Study, address: str) -> list[Handover]:
    """What every service is given, the study's own first."""
    own_first = sorted(RECRUITERS.items(), key=lambda entry: entry[0] != study.recruiter)
    return [
        Handover(
            name,
            Study.Recruiter(name).label,
            service.given.replace("{address}", address),
            service.note,
            {code: return_to.replace("{code}", getattr(study, code)) for code in CODES}
            if (return_to := _return_pattern(study, name))
            else {},
        )
        for name, service in own_first
        if service.person
    ]


def _return_pattern(study: Study, service: str) -> str:
    """The study's own address back is of the study's own service."""
    own = study.return_url if service == study.recruiter else ""
    return own or RECRUITERS[service].return_url


def return_address(study: Study, code: str) -> str:
    """Where the end page leads; empty where the person copies the code by hand."""
    pattern = _return_pattern(study, study.recruiter)
    return pattern.replace("{code}", code) if code else ""
