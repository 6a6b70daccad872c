"""AriStay's REST API, on Django REST Framework; ``docs/api/`` is for those who call it.

To add the endpoints of a table, write a module of your area in this package:

>>> class LampSerializer(HouseSerializer):                                    # doctest: +SKIP
...     class Meta:
...         model = Lamp
...         fields = ["id", "property", "name", *STAMPS]
>>> class LampViewSet(HouseViewSet):                                          # doctest: +SKIP
...     \"\"\"The lamps of the houses.\"\"\"
...     model = Lamp
...     serializer_class = LampSerializer
...     select_related = ["property"]
...     filterset_fields = {"property": ["exact"], "name": ["icontains"]}
...     ordering_fields = ["name", "created_at"]
>>> ROUTES = [("lamps", LampViewSet)]                                         # doctest: +SKIP

and name the module in ``urls.AREAS``. What it has then, without another line: lists of what the
caller may see alone, filtered, ordered and in pages; permissions of the one matrix; changes in one
transaction, with idempotency keys; the deleted rows and the way back; the history of a row; errors
as problem details; its part of the OpenAPI document; and the tests of ``test_rest_walk.py``, which
take each endpoint from the router. Where a service makes the change, call it in ``save_row()`` or
``remove_row()``; for another action decorate a method with ``@action`` and say in
``action_permissions`` what it asks for.
"""
