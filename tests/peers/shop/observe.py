"""Prints what the project does; the same before and after it was brought over."""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from shop.models import Article, Customer, Order, Parcel  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)

customer = Customer.objects.create(name="Ann")
customer.name = "Bob"
print("customer", customer.describe_change())

order = Order.objects.create(customer=customer, total=3)
order.total = 5
order.save()
order.save()
print("order", Order.objects.get().note)

article = Article.objects.create(title="Soap")
article.hits = 1
print("article", article.describe_change())
article.title = "Soup"
print("article", article.describe_change())
article.save_dirty_fields()
print("article", article.describe_change(), Article.objects.get().title)

parcel = Parcel.objects.create()
parcel.state = "sent"
print("parcel", parcel.describe_change())
parcel.save()
print("parcel", parcel.describe_change(), Parcel.objects.get().sent)

for name in ("ann", "bob", ""):
    client = Client()
    if name:
        client.force_login(User.objects.create(username=name))
    print("note", client.get("/note").content.decode())
