"""Who may see and change which study: one's own and shared ones; administrators all."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from survey.models import Study, StudyMember


def studies_for(user: Any, *, edit: bool = False) -> QuerySet[Study]:
    """The studies `user` may look at; with `edit`, those they may change."""
    studies = Study.objects.select_related("owner")
    if not user.is_authenticated:
        return studies.none()
    if user.is_superuser:
        return studies
    memberships = StudyMember.objects.filter(user=user)
    if edit:
        memberships = memberships.filter(role=StudyMember.Role.EDITOR)
    return studies.filter(Q(owner=user) | Q(pk__in=memberships.values("study")))


def with_results(studies: QuerySet[Study]) -> QuerySet[Study]:
    """Those of `studies` whose results may be looked at; the same rule as `Study.shows_results`."""
    return studies.exclude(status=Study.Status.PUBLISHED, results_opened_at__isnull=True)


def study_for(user: Any, slug: str, *, edit: bool = False) -> Study | None:
    return studies_for(user, edit=edit).filter(slug=slug).first()


def may_edit(user: Any, study: Study) -> bool:
    return studies_for(user, edit=True).filter(pk=study.pk).exists()


def may_create(user: Any) -> bool:
    return bool(user.has_perm("survey.add_study"))
