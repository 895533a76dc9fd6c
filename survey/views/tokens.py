"""The page on which people make tokens for their programs, and revoke them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from melodymuse_site.buttons import pressed_on
from survey import actions
from survey.actions import KeyRefused
from survey.forms.reading import TokenForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST if request.method == "POST" else None, user=request.user)
    if not form.is_bound:
        return _show(request, form)
    if not form.is_valid():
        return _show(request, form, status=400)
    asked = {"name": form.cleaned_data["name"], "study": form.cleaned_data["study"], "expires_at": form.expires_at}
    try:
        token, secret = actions.make_api_token(by=request.user, **asked)
    except KeyRefused as refused:
        form.add_error(None, str(refused))
        return _show(request, form, status=409)
    return _show(request, TokenForm(user=request.user), made=token, secret=secret)


def _show(request: HttpRequest, form: TokenForm, status: int = 200, **made: Any) -> HttpResponse:
    rows = request.user.api_tokens.select_related("study")
    response = render(request, "survey/reading/tokens.html", {"form": form, "tokens": rows, **made}, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@pressed_on("api_tokens")
@login_required
def revoke(request: HttpRequest) -> HttpResponse:
    for token in request.user.api_tokens.filter(shown=request.POST.get("token", "")):
        actions.revoke_api_token(token=token, by=request.user)
        messages.success(request, f"“{token.name}” is revoked: it opens nothing any more.")
    return redirect("api_tokens")
