"""The administrator's view of studies. What is published is shown, not changed: the database would refuse."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from survey.models import AuditEntry, Condition, Participant, Stimulus, Study, StudyChoice, StudyMember


class MemberInline(admin.TabularInline):
    model = StudyMember
    extra = 0
    autocomplete_fields = ["user"]


class FrozenInline(admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ChoiceInline(FrozenInline):
    model = StudyChoice
    fields = readonly_fields = ["position", "slug", "label"]


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
        "audio_sha256",
        "picture_sha256",
    ]
    verbose_name_plural = "stimuli (chosen on the study's own page)"


@admin.register(Study)
class StudyAdmin(admin.ModelAdmin):
    list_display = ["title", "number", "status", "owner", "created_at", "published_at"]
    list_filter = ["status", "mode"]
    search_fields = ["title", "slug"]
    inlines = [MemberInline, ChoiceInline, ConditionInline, StimulusInline]
    # Languages, translations, plan and rules have a form of their own on the study's page, which knows their limits.
    readonly_fields = [
        *("status", "number", "previous", "consent_sha256", "published_at", "closed_at"),
        *("language", "translations", "analysis_plan", "exclusion_rules"),
    ]
    prepopulated_fields = {"slug": ["title"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Study | None = None) -> list[str]:
        if obj is None or obj.is_draft:
            return list(self.readonly_fields)
        return [field.name for field in Study._meta.concrete_fields]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Study | None = None) -> dict[str, Any]:
        return {} if obj and not obj.is_draft else self.prepopulated_fields

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_draft)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


@admin.register(Participant)
class ParticipantAdmin(admin.ModelAdmin):
    list_display = ["public_id", "study", "kind", "outcome", "created_at", "finished_at", "included"]
    list_filter = ["kind", "outcome", "study"]
    search_fields = ["public_id"]
    exclude = ["token", "external_id_hash"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    list_display = ["at", "action", "study_slug", "actor_name", "detail"]
    list_filter = ["action"]
    search_fields = ["study_slug", "actor_name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
