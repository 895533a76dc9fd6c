from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from generation.emotions import EMOTIONS


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = "Pictures and pairs"

    def ready(self) -> None:
        from generation import checks  # noqa: F401  # Django finds checks once their module is loaded
        from generation.immutable import rules
        from melodymuse_site.triggers import keep

        post_migrate.connect(seed_emotions, sender=self, dispatch_uid="generation-emotions")
        keep(self, rules)


def seed_emotions(**_: Any) -> None:
    """Keep the rows of the eight emotions equal to `emotions.py`: after every migrate, and after a flush."""
    from generation.models import Emotion

    for position, emotion in enumerate(EMOTIONS):
        facts = {name: getattr(emotion, name) for name in ("label", "valence", "arousal", "dominance")}
        Emotion.objects.update_or_create(slug=emotion.slug, defaults={**facts, "position": position})
