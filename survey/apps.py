"""The survey app; what it must hear of generation is connected here."""

from django.apps import AppConfig
from django.db.models.signals import post_save


class SurveyConfig(AppConfig):
    name = "survey"
    verbose_name = "Studies"

    def ready(self) -> None:
        import survey.checks  # noqa: F401  (registers itself)
        from generation.models import PairVersion
        from melodymuse_site.triggers import keep
        from survey.actions.regenerated import note_new_version
        from survey.models.freezing import rules

        post_save.connect(note_new_version, sender=PairVersion, dispatch_uid="survey-regenerated")
        keep(self, rules)
