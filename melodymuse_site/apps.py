from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    name = "melodymuse_site"
    verbose_name = "MelodyMuse"

    def ready(self) -> None:
        from melodymuse_site.roles import make_roles

        # The survey is the last app with models: its permissions are there when this runs.
        post_migrate.connect(make_roles, sender=apps.get_app_config("survey"), dispatch_uid="melodymuse-roles")
