"""Routes of accounts."""

from __future__ import annotations

from django.urls import path

from anlan.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("password/", views.change_password, name="change_password"),
    path("language/", views.language, name="language"),
    path("leave-drill/", views.leave_drill, name="leave_drill"),
]
