"""The survey app; what it must hear of generation is connected here."""

from django.apps import AppConfig


class SurveyConfig(AppConfig):
    name = "survey"
    verbose_name = "Studies"

    def ready(self) -> None:
        import survey.checks  # noqa: F401  (registers itself)
        from generation.models import versions_added
        from melodymuse_site.triggers import keep
        from survey.actions.regenerated import note_new_versions
        from survey.models.freezing import rules

        versions_added.connect(note_new_versions, dispatch_uid="survey-regenerated")
        keep(self, rules)
