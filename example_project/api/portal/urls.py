"""The portal's addresses, area by area."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from . import account, home

app_name = "portal"

urlpatterns = [
    path("", home.show_home, name="home"),
    path("sign-in/", account.SignInView.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("password/", account.PasswordView.as_view(), name="password"),
    path("password/forgotten/", account.ForgottenPasswordView.as_view(), name="forgotten"),
    path("password/sent/", account.show_mail_sent, name="mail_sent"),
    path("password/new/<uidb64>/<token>/", account.NewPasswordView.as_view(), name="new_password"),
    path("profile/", account.edit_profile, name="profile"),
]
