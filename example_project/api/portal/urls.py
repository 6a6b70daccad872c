"""The portal's addresses, area by area."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from . import (
    account,
    bookings,
    calendar,
    history,
    home,
    houses,
    inventory,
    lost_found,
    notices,
    overview,
    recycle,
    tasks,
)

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
    path("overview/", overview.show_overview, name="overview"),
    path("my-day/", tasks.show_my_day, name="my_day"),
    path("tasks/", tasks.show_board, name="tasks"),
    path("tasks/<int:task_id>/", tasks.show_task, name="task"),
    path("calendar/", calendar.show_calendar, name="calendar"),
    path("calendar/<int:booking_id>/", calendar.preview_move, name="preview_move"),
    path("calendar/<int:booking_id>/move/", calendar.save_move, name="move"),
    path("houses/", houses.show_houses, name="houses"),
    path("houses/new/", houses.edit_house, name="new_house"),
    path("houses/<int:house_id>/", houses.show_house, name="house"),
    path("houses/<int:house_id>/edit/", houses.edit_house, name="edit_house"),
    path("bookings/", bookings.show_bookings, name="bookings"),
    path("bookings/new/", bookings.edit_booking, name="new_booking"),
    path("bookings/<int:booking_id>/", bookings.show_booking, name="booking"),
    path("bookings/<int:booking_id>/edit/", bookings.edit_booking, name="edit_booking"),
    path("bookings/<int:booking_id>/cancel/", bookings.cancel, name="cancel_booking"),
    path("inventory/", inventory.show_stocks, name="inventory"),
    path("inventory/to-buy/", inventory.show_shopping, name="shopping"),
    path("inventory/<int:stock_id>/", inventory.show_stock, name="stock"),
    path("lost-and-found/", lost_found.show_items, name="lost_found"),
    path("lost-and-found/new/", lost_found.report, name="report_found"),
    path("lost-and-found/<int:item_id>/", lost_found.show_item, name="found_item"),
    path("lost-and-found/<int:item_id>/status/", lost_found.change_status, name="found_status"),
    path("notices/", notices.show_notices, name="notices"),
    path("notices/<int:notice_id>/", notices.open_notice, name="open_notice"),
    path("notices/read/", notices.read_all, name="read_all"),
    path("history/", history.show_activity, name="activity"),
    path("history/<slug:kind>/<int:object_id>/", history.show_history, name="history"),
    path("recycle-bin/", recycle.show_bin, name="recycle"),
    path("recycle-bin/<slug:kind>/<int:object_id>/", recycle.show_deleted, name="deleted"),
    path("recycle-bin/<slug:kind>/<int:object_id>/restore/", recycle.restore, name="restore"),
    path("delete/<slug:kind>/<int:object_id>/", recycle.delete, name="delete"),
]
