"""Every address of the site; each app lists its own."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path

from melodymuse_site import views
from melodymuse_site.logins import AdminLoginForm, LoginForm
from survey.urls import participation, short

admin.site.login_form = AdminLoginForm
handler400 = "melodymuse_site.readable.bad_request"
handler500 = "melodymuse_site.unavailable.handler500"
urlpatterns = [
    # First: addresses are tried in their order, and what people ask for while they take part is nearly all traffic.
    path("study/<slug:slug>/", include(participation)),
    *short,
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("metrics", views.metrics_page, name="metrics"),
    path("status/", views.status, name="status"),
    path("glossary/", views.glossary, name="glossary"),
    path("accounts/password_reset/", views.PasswordReset.as_view(), name="password_reset"),
    path("accounts/login/", LoginView.as_view(authentication_form=LoginForm), name="login"),
    path("accounts/", include("django.contrib.auth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", views.administration, name="administration"),
    path("admin/", admin.site.urls),
    path("media/<path:name>", views.media, name="media"),
    path("", include("generation.urls")),
    path("", include("survey.urls")),
]
