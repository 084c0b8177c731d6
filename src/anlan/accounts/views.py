"""Signing in and out, choosing a password and a language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from anlan.accounts import services
from anlan.accounts.actors import NOBODY, actor_for
from anlan.accounts.forms import NewPasswordForm, SignInForm
from anlan.accounts.middleware import leave_run
from anlan.accounts.models import User
from anlan.journal import clocks


@method_decorator([sensitive_post_parameters("password"), never_cache], name="dispatch")
class SignIn(LoginView):
    """Name and password. django-axes counts wrong ones and closes the door for a while."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        user: User = form.get_user()
        response = super().form_valid(form)
        at = clocks.now(clocks.default_exercise_id())
        with transaction.atomic():
            services.journal_account(user, "account.signed_in", by=actor_for(user, at=at), at=at)
        if user.language:
            _keep_language(response, user.language)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Journal the attempt. What was typed as a name is not kept: people type their password there."""
        typed = str(form.data.get("username", ""))[:150]
        user = User.objects.filter(username=typed).first()
        with transaction.atomic():
            services.journal_failed_sign_in(user, by=NOBODY, at=clocks.now(clocks.default_exercise_id()))
        return super().form_invalid(form)


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """What django-axes shows instead of the form while the door is closed."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)


@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; doing it twice is harmless."""
    user = request.user
    if isinstance(user, User):
        at = clocks.now(clocks.default_exercise_id())
        with transaction.atomic():
            services.journal_account(user, "account.signed_out", by=actor_for(user, at=at), at=at)
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password for the person who is signed in; every other session of the account ends."""
    user = request.user
    if not isinstance(user, User):
        return redirect(settings.LOGIN_URL)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        at = clocks.now(clocks.default_exercise_id())
        with transaction.atomic(durable=True):
            services.change_password(
                user, password=form.cleaned_data["chosen"], by=actor_for(user, at=at), at=at
            )
        update_session_auth_hash(request, user)
        return redirect(settings.LOGIN_REDIRECT_URL)
    page = {"form": form, "is_forced": user.must_change_password}
    return render(request, "accounts/change_password.html", page)


@require_POST
def leave_drill(request: HttpRequest) -> HttpResponse:
    """Out of the drill that was entered, whatever the rights inside it: back to reality, on the page where one was."""
    leave_run(request)
    return HttpResponseRedirect(_safe_next(request))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch between the languages; an account remembers its choice."""
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(_safe_next(request))
    if chosen not in dict(settings.LANGUAGES):
        chosen = get_language_from_request(request)
    if isinstance(request.user, User):
        services.choose_language(request.user, chosen)
    _keep_language(response, chosen)
    return response


def _safe_next(request: HttpRequest) -> str:
    """Back to where the person was, never to another host."""
    target = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if own else resolve_url(settings.LOGIN_REDIRECT_URL)


def _keep_language(response: HttpResponse, chosen: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
