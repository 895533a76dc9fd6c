from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from generation.emotions import EMOTIONS


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = "Pictures and pairs"

    def ready(self) -> None:
        from generation.immutable import rules
        from melodymuse_site.triggers import keep

        post_migrate.connect(seed_emotions, sender=self, dispatch_uid="generation-emotions")
        keep(self, rules)


def seed_emotions(**_: Any) -> None:
    """Keep the rows of the eight emotions equal to `emotions.py`, also after a flush."""
    from generation.models import Emotion

    write_emotions(Emotion)


def write_emotions(model: Any) -> None:
    """Write the eight emotions as rows of `model`, which a migration passes as it was at that time."""
    for position, emotion in enumerate(EMOTIONS):
        facts = {name: getattr(emotion, name) for name in ("label", "valence", "arousal", "dominance")}
        model.objects.update_or_create(slug=emotion.slug, defaults={**facts, "position": position})
