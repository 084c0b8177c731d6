"""Routes of the desk: orders and, from `forces`, teams and supplies."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.routes import forces
from anlan.console.views import orderpacks, orders, orderwork

urlpatterns: list[URLPattern] = [
    path("orders/", orders.orders, name="orders"),
    path("orders/new/", orderwork.new, name="order_new"),
    path("orders/packs/", orderpacks.packs, name="order_packs"),
    path("orders/packs/new/", orderpacks.new_pack, name="order_pack_new"),
    path("orders/packs/<str:pack_code>/", orderpacks.pack, name="order_pack"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("orders/<uuid:order_id>/act/", orderwork.act, name="order_act"),
    path("rooms/<uuid:incident_id>/orders/", orders.room_orders, name="room_orders"),
    path("rooms/<uuid:incident_id>/packs/<str:pack_code>/", orderpacks.give, name="order_pack_give"),
    *forces.urlpatterns,
]
