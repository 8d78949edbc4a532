from django.contrib.auth.views import (
    LogoutView,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.urls import path, reverse_lazy

from accounts.forgotten_password import ForgottenPasswordForm
from accounts.views import exports, home, notifications, profile, saved_views, sign_in, team_settings

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", sign_in.SignInView.as_view(), name="login"),
    path(
        "password/forgotten/",
        PasswordResetView.as_view(
            form_class=ForgottenPasswordForm,
            template_name="registration/forgotten.html",
            success_url=reverse_lazy("password-sent"),
        ),
        name="forgotten-password",
    ),
    path(
        "password/sent/",
        PasswordResetDoneView.as_view(template_name="registration/forgotten_sent.html"),
        name="password-sent",
    ),
    path(
        "password/new/<uidb64>/<token>/",
        PasswordResetConfirmView.as_view(
            template_name="registration/new_password.html", success_url=reverse_lazy("login")
        ),
        name="new-password",
    ),
    path("kept/", sign_in.kept, name="kept"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.read_all_notifications, name="read-all-notifications"),
    path("notifications/<int:pk>/read/", notifications.read_notification, name="read-notification"),
    path("team/calendar/", team_settings.team_calendar, name="team-calendar"),
    path("team/calendar/<int:user_id>/", team_settings.availability, name="team-availability"),
    path("views/", saved_views.save, name="save-view"),
    path("views/<int:view_id>/rename/", saved_views.rename, name="rename-view"),
    path("views/<int:view_id>/delete/", saved_views.delete, name="delete-view"),
    path("exports/<slug:name>/", exports.export, name="export"),
    path("me/", profile.me, name="me"),
    path("me/password/", profile.change_password, name="change-password"),
    path("me/sign-out-everywhere/", profile.sign_out_everywhere, name="sign-out-everywhere"),
]
