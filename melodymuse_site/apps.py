from axes import apps as axes
from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    name = "melodymuse_site"
    verbose_name = "MelodyMuse"

    def ready(self) -> None:
        from django.http import HttpRequest

        from melodymuse_site.readable import read_content_type
        from melodymuse_site.roles import make_roles

        # A hook of every request, whichever server makes it; there is no setting for it.
        HttpRequest._set_content_type_params = read_content_type

        # The survey is the last app with models: its permissions are there when this runs.
        post_migrate.connect(make_roles, sender=apps.get_app_config("survey"), dispatch_uid="melodymuse-roles")


class AdministrationConfig(admin.AdminConfig):
    default = False
    default_site = "melodymuse_site.administration.Administration"


class LoginsConfig(axes.AppConfig):
    """The package that counts wrong passwords, under a name that says so."""

    default = False
    verbose_name = "Logins that failed"
