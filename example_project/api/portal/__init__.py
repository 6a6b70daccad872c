"""AriStay's portal: pages rendered on the server, with htmx where a page should not reload.

How to add a page:

1. A view in the module of its area, ``api/portal/<area>.py``, under ``@portal_page("api.view_x")``.
   It reads by ``list_visible(request.access, Model)``, and changes by a service alone.
2. A line in ``urls.py``; where it starts an area, an ``Entry`` in ``navigation.py`` with the same
   permission.
3. A template in ``templates/portal/<area>/`` that extends ``portal/base.html`` and fills ``title``
   and ``content``. To include: ``parts/fields.html`` (``form``), ``parts/pagination.html``
   (``page``), ``parts/empty.html`` (``text``). A ``<table class="cards">`` with ``data-label`` on
   each cell is readable on a phone. Tags: ``{% icon "bed" %}``, ``{% badge status label %}``.
4. No ``style=``, no ``onclick=``, no script in the page: the content policy refuses them.
5. Every text through ``{% translate %}`` or ``gettext``; ``make messages``, then the German.
6. A test: who opens it, and in how many statements (``tests/example/test_portal.py``).
"""
