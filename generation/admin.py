"""The administration of everything generation stores: look at all, change what may change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from generation import actions, queries, recalibrating, teaching
from generation.actions import RunRefused
from generation.forms import PictureField
from generation.images.intake import PictureRefused, take_in
from generation.models import (
    ActionRecord,
    ClipImport,
    Emotion,
    GenerationRun,
    ModelVersion,
    Pair,
    PairVersion,
    SourceImage,
)
from generation.networks.artifacts import ArtifactRefused
from generation.templatetags.measures import play_label, top_label
from melodymuse_site.stored_values import stored_fields
from melodymuse_site.templatetags.player import player


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at: rows come from runs and workers, and nobody edits or deletes them."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = stored_fields(self.model)
        return [shown.get(name, name) for name in super().get_fields(request, obj)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ComposerFilter(admin.SimpleListFilter):
    """Runs by everybody who made clips of them: of a run of several composers the row names but the first."""

    title = parameter_name = "composer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in queries.composers_of_runs()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[GenerationRun]) -> QuerySet[GenerationRun]:
        if not self.value():
            return queryset
        made = PairVersion.objects.filter(composer=self.value()).values("run")
        return queryset.filter(Q(composer=self.value()) | Q(pk__in=made))


def show_thumbnail(picture: SourceImage | None) -> str:
    if picture is None:
        return "–"
    image = '<img class="admin-thumb" src="{}" width="72" height="54" alt="" loading="lazy">'
    return format_html(image, picture.file.url)


def show_player(version: PairVersion) -> SafeString | str:
    """The browser's own player; nothing is loaded before it is pressed."""
    if version.status != PairVersion.Status.READY:
        return "–"
    audio = player(
        version.audio, version.audio_alternative, label=play_label(version), seconds=version.duration_seconds
    )
    return mark_safe(render_to_string("_player.html", audio))  # a template's own escaped output


STYLE = {"all": ["site/administration.css"]}


def may_start_runs(request: HttpRequest) -> bool:
    return request.user.has_perm("generation.add_generationrun")


class RegeneratingAdmin(ReadOnlyAdmin):
    """Pair versions, or rows that stand for some, with one action: make new versions."""

    actions = ["regenerate"]

    def versions_of(self, rows: QuerySet[Any]) -> Iterable[PairVersion]:
        return rows.select_related("pair__image", "pair__emotion")

    def has_regenerate_permission(self, request: HttpRequest) -> bool:
        return may_start_runs(request)

    @admin.action(description="Regenerate: make new versions, keep the old", permissions=["regenerate"])
    def regenerate(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        try:
            run = actions.regenerate(
                versions=self.versions_of(queryset), reason="From the administration", by=request.user
            )
        except RunRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        return redirect(run)


@admin.register(Emotion)
class EmotionAdmin(ReadOnlyAdmin):
    list_display = ["label", "slug", "valence", "arousal", "dominance"]


class PictureUploadForm(forms.ModelForm):
    """Takes a picture in through the same checks as the library page."""

    upload = PictureField(help_text="Verified, stripped of hidden notes, and stored once.")

    class Meta:
        model = SourceImage
        fields = ["title", "alt_text", "licence", "attribution"]

    def clean_upload(self) -> bytes:
        data = self.cleaned_data["upload"].read()
        try:
            taken = take_in(data)
        except PictureRefused as error:
            raise forms.ValidationError(str(error)) from error
        known = SourceImage.objects.filter(sha256=taken.sha256).first()
        if known:
            raise forms.ValidationError(f"This picture is already in the library as “{known}”.")
        self.filename = self.files["upload"].name
        return bytes(data)


STORED_OF_PICTURES = stored_fields(SourceImage)


class LabelledByFilter(admin.SimpleListFilter):
    """Pictures by the network that labelled them: by those alone, each with its whole name."""

    title = "network that labelled"
    parameter_name = "labelled_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        used = SourceImage.objects.exclude(labelled_by=None).values("labelled_by")
        return [
            (str(model.pk), f"{model}, {model.sha256[:8]}" if model.sha256 else str(model))
            for model in ModelVersion.objects.filter(pk__in=used)
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SourceImage]) -> QuerySet[SourceImage]:
        chosen = self.value()
        return queryset.filter(labelled_by=int(chosen)) if chosen and chosen.isdecimal() else queryset


@admin.register(SourceImage)
class SourceImageAdmin(admin.ModelAdmin):
    list_display = ["thumbnail", "__str__", "label", "label_confident", "width", "height", "licence", "uploaded_at"]
    list_display_links = ["thumbnail", "__str__"]
    list_filter = ["label_confident", LabelledByFilter, "uploaded_at"]
    search_fields = ["title", "alt_text", "sha256"]
    list_select_related = ["labelled_by"]
    readonly_fields = [
        "picture",
        STORED_OF_PICTURES["probabilities"],
        "label_confident",
        STORED_OF_PICTURES["implied"],
        STORED_OF_PICTURES["features"],
        "labelled_by",
        "labelling_error",
        "width",
        "height",
        "bytes",
        "brightness",
        "colourfulness",
        "sha256",
        "uploader",
        "uploaded_at",
    ]
    fields = ["picture", "title", "alt_text", "licence", "attribution", *readonly_fields[1:]]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            return PictureUploadForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["upload", "title", "alt_text", "licence", "attribution"] if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        words = {name: form.cleaned_data.get(name, "") for name in ("title", "alt_text", "licence", "attribution")}
        if change:
            actions.edit_picture(picture=obj, by=request.user, **words)
            return
        picture, _ = actions.add_picture(
            data=form.cleaned_data["upload"], filename=form.filename, by=request.user, **words
        )
        obj.__dict__.update(picture.__dict__)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The same people as on the picture's page: others look at it here, and change nothing."""
        may = obj is None or queries.may_edit_picture(request.user, obj)
        return may and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A picture that music was made for stays; any other is its uploader's and the administrators' to delete."""
        if obj is not None and (obj.pairs.exists() or not queries.may_edit_picture(request.user, obj)):
            return False
        return super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: SourceImage) -> None:
        actions.delete_picture(picture=obj, by=request.user)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        found.pop("delete_selected", None)  # deleting many at once would not ask whether music was made for them
        return found

    @admin.display(description="Picture")
    def thumbnail(self, picture: SourceImage) -> str:
        return show_thumbnail(picture)

    @admin.display(description="Picture")
    def picture(self, picture: SourceImage) -> str:
        image = '<img class="admin-picture" src="{}" width="{}" height="{}" alt="{}">'
        return format_html(image, picture.file.url, picture.width, picture.height, picture.alt_text)

    @admin.display(description="Most probable emotion")
    def label(self, picture: SourceImage) -> str:
        return top_label(picture.probabilities) or ("failed" if picture.labelling_error else "labelling…")


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "is_default", "registered_at", "sha256"]
    list_filter = ["kind", "is_default"]
    actions = ["serve"]

    def has_serve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generation.change_modelversion")

    @admin.action(description="Use for new labels and music", permissions=["serve"])
    def serve(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        chosen = list(queryset)
        if len({model.kind for model in chosen}) < len(chosen):
            self.message_user(request, "Choose one network of each kind.", messages.ERROR)
            return
        # Read before anything changes: targets whose file is gone would make every new clip fail.
        try:
            moved = [f"{model} moves {teaching.say_what_moved(model)}" for model in chosen if model.is_learned]
            moved += [f"{model}: {recalibrating.say(model)}" for model in chosen if model.is_recalibrated]
        except ArtifactRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        for model in chosen:
            actions.make_default(model=model, by=request.user)
        told = [f"In use now: {', '.join(str(model) for model in chosen)}", *moved]
        self.message_user(request, f"{'. '.join(told)}.", messages.SUCCESS)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        model = kwargs.get("obj")
        if model is not None and model.is_learned:
            try:
                context["moved"] = teaching.what_moved(model)
            except ArtifactRefused as error:
                context["moved_refused"] = str(error)
            context["runs"] = model.generationrun_set.count()
        if model is not None and model.is_recalibrated:
            try:
                context["recalibrated"] = recalibrating.what_people_taught(model)
            except ArtifactRefused as error:
                context["recalibration_refused"] = str(error)
        return super().render_change_form(request, context, **kwargs)


@admin.register(GenerationRun)
class GenerationRunAdmin(RegeneratingAdmin):
    list_display = ["__str__", "made_by", "pairs", "requested_by", "requested_at", "progress"]
    list_filter = [ComposerFilter, "requested_at"]
    search_fields = ["reason"]
    list_select_related = ["requested_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GenerationRun]:
        return super().get_queryset(request).annotate(pair_count=Count("versions")).order_by("-requested_at", "-pk")

    def versions_of(self, rows: QuerySet[GenerationRun]) -> Iterable[PairVersion]:
        runs = rows.values_list("pk", flat=True)
        return PairVersion.objects.filter(run__in=list(runs)).select_related("pair__image", "pair__emotion")

    @admin.display(description="Composers")
    def made_by(self, run: GenerationRun) -> str:
        return ", ".join(run.composers)

    @admin.display(description="Pairs")
    def pairs(self, run: GenerationRun) -> int:
        return int(getattr(run, "pair_count", 0))

    @admin.display(description="")
    def progress(self, run: GenerationRun) -> str:
        return format_html('<a href="{}">Progress</a>', run.get_absolute_url())


@admin.register(ClipImport)
class ClipImportAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "status", "imported", "requested_by", "queued_at", "detail"]
    list_filter = ["status", "queued_at"]
    list_select_related = ["requested_by"]

    @admin.display(description="")
    def detail(self, job: ClipImport) -> str:
        return format_html('<a href="{}">Open</a>', job.get_absolute_url())


@admin.register(ActionRecord)
class ActionRecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "action", "kind", "about", "by", "detail"]
    list_filter = ["action", "at"]
    search_fields = ["about", "actor_name"]

    @admin.display(description="By", ordering="actor_name")
    def by(self, entry: ActionRecord) -> str:
        return entry.actor_name or "the server"


@admin.register(Pair)
class PairAdmin(RegeneratingAdmin):
    list_display = ["picture", "__str__", "emotion", "versions", "created_at"]
    list_display_links = ["picture", "__str__"]
    list_filter = ["emotion"]
    search_fields = ["image__title"]
    list_select_related = ["image", "emotion"]
    MOST_SHOWN = 12

    class Media:
        css = STYLE

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        pair = kwargs.get("obj")
        if pair is not None:
            versions = queries.all_versions_of(pair)
            context["versions_shown"] = versions[: self.MOST_SHOWN]
            context["versions_left"] = max(0, versions.count() - self.MOST_SHOWN)
        return super().render_change_form(request, context, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pair]:
        return super().get_queryset(request).annotate(version_count=Count("versions")).order_by("-created_at", "-pk")

    def versions_of(self, rows: QuerySet[Pair]) -> Iterable[PairVersion]:
        found = PairVersion.objects.filter(pair__in=list(rows.values_list("pk", flat=True)))
        latest: dict[int, PairVersion] = {}
        for version in found.select_related("pair__image", "pair__emotion").order_by("-number"):
            latest.setdefault(version.pair_id, version)
        return latest.values()

    @admin.display(description="Picture")
    def picture(self, pair: Pair) -> str:
        return show_thumbnail(pair.image)

    @admin.display(description="Versions")
    def versions(self, pair: Pair) -> int:
        return int(getattr(pair, "version_count", 0))


@admin.register(PairVersion)
class PairVersionAdmin(RegeneratingAdmin):
    list_display = [
        "picture",
        "__str__",
        "listen",
        "status",
        "composer",
        "made_by",
        "queued_at",
        "detail",
    ]
    list_display_links = ["picture", "__str__"]
    list_filter = ["status", "composer", "pair__emotion"]
    search_fields = ["pair__image__title", "midi_sha256", "audio_sha256"]
    list_select_related = ["pair__image", "pair__emotion", "run"]
    list_per_page = 50
    ordering = ["-queued_at", "-pk"]

    class Media:
        css = STYLE

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Also by run and pair, which are no filters beside the list: there are as many as there were requests."""
        return lookup in ("run__id__exact", "pair__id__exact") or super().lookup_allowed(lookup, value, request)

    @admin.display(description="Picture")
    def picture(self, version: PairVersion) -> str:
        return show_thumbnail(version.pair.image)

    @admin.display(description="Clip")
    def listen(self, version: PairVersion) -> str:
        return show_player(version)

    @admin.display(description="Run")
    def made_by(self, version: PairVersion) -> str:
        address = reverse("admin:generation_generationrun_change", args=[version.run_id])
        return format_html('<a href="{}" title="{}">Run {}</a>', address, version.run, version.run_id)

    @admin.display(description="")
    def detail(self, version: PairVersion) -> str:
        return format_html('<a href="{}">Its page</a>', version.get_absolute_url())
