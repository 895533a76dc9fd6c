"""The administrator's view of studies: to look at, and to delete drafts.

What is changed is changed on the study's own page: its actions keep answers, texts and limits in step with each other.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape, format_html

from generation.models import GenerationRun
from melodymuse_site.stored_values import stored_fields
from survey.models import AuditEntry, Condition, Participant, Stimulus, Study, StudyChoice, StudyMember, StudyQuestion
from survey.queries import studies_for


class ReadOnly:
    """Nothing is added or changed here."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = stored_fields(self.model)  # type: ignore[attr-defined]
        return [shown.get(name, name) for name in super().get_fields(request, obj)]  # type: ignore[misc]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With help that is text: Django's administration takes it for HTML, and would drop `<this>`."""
        kwargs["help_texts"] = {
            field.name: escape(field.help_text)
            for field in self.model._meta.fields  # type: ignore[attr-defined]
            if field.help_text
        }
        return super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfOwnStudies(ReadOnly):
    """Whoever is no administrator sees what belongs to their own and shared studies, as on the pages of the site."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows if request.user.is_superuser else rows.filter(study__in=studies_for(request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FrozenInline(ReadOnly, admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = False


class MemberInline(FrozenInline):
    model = StudyMember
    fields = readonly_fields = ["user", "role"]
    verbose_name_plural = "members (shared on the study's own page)"


class ChoiceInline(FrozenInline):
    model = StudyChoice
    fields = readonly_fields = ["position", "slug", "label"]


class QuestionInline(FrozenInline):
    model = StudyQuestion
    fields = readonly_fields = ["position", "key", "moment", "sort", "required", "is_ready_made"]
    verbose_name_plural = "further questions (composed on the study's own page)"


class ConditionInline(FrozenInline):
    model = Condition
    fields = readonly_fields = ["name", "presentation", "matching", "weight"]


class StimulusInline(FrozenInline):
    model = Stimulus
    fields = readonly_fields = [
        "public_id",
        "condition",
        "role",
        "emotion",
        "composer",
        "clip",
    ]
    verbose_name_plural = "stimuli (chosen on the study's own page)"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stimulus]:
        return super().get_queryset(request).select_related("pair_version", "condition")

    @admin.display(description="Clip")
    def clip(self, stimulus: Stimulus) -> str:
        return format_html('<a href="{}">Its page</a>', stimulus.pair_version.get_absolute_url())


@admin.register(Study)
class StudyAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["title", "number", "status", "owner", "created_at", "published_at", "page"]
    list_filter = ["status", "mode"]
    search_fields = ["title", "slug"]
    inlines = [MemberInline, ChoiceInline, QuestionInline, ConditionInline, StimulusInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Study]:
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(pk__in=studies_for(request.user))

    @admin.display(description="")
    def page(self, study: Study) -> str:
        return format_html('<a href="{}">Its page</a>', study.get_absolute_url())

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        study = kwargs.get("obj")
        if study is not None:
            runs = GenerationRun.objects.filter(versions__stimuli__study=study)
            context["runs_used"] = runs.distinct().order_by("-requested_at", "-pk")
        return super().render_change_form(request, context, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or _may_delete(request, obj))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


def _may_delete(request: HttpRequest, study: Study) -> bool:
    return study.is_draft and (request.user.is_superuser or study.owner_id == request.user.pk)


@admin.register(Participant)
class ParticipantAdmin(OfOwnStudies, admin.ModelAdmin):
    list_display = ["public_id", "study", "kind", "outcome", "created_at", "finished_at", "included"]
    list_filter = ["kind", "outcome", ("study", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["public_id"]
    exclude = ["token", "external_id_hash"]


@admin.register(AuditEntry)
class AuditEntryAdmin(OfOwnStudies, admin.ModelAdmin):
    list_display = ["at", "action", "study_slug", "actor_name", "detail"]
    list_filter = ["action"]
    search_fields = ["study_slug", "actor_name"]
