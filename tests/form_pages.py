"""What a browser would send of a form on a page."""

from html.parser import HTMLParser

__all__ = ["FormReader", "read_form"]

UNSENT = {"submit", "button", "image", "reset", "file"}


class FormReader(HTMLParser):
    """Collects the values of one form, found by its id."""

    def __init__(self, form_id):
        super().__init__()
        self.form_id = form_id
        self.is_inside = False
        self.values = {}
        self.select = self.text = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.is_inside = given.get("id") == self.form_id
        if not self.is_inside:
            return
        name = given.get("name")
        if tag == "input" and name:
            self.read_input(name, given)
        elif tag == "select":
            self.select = (name, "multiple" in given, [])
        elif tag == "option" and self.select:
            self.select[2].append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self.text = (name, [])

    def read_input(self, name, given):
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                self.add(name, given.get("value", "on"))
        elif kind not in UNSENT:
            self.add(name, given.get("value") or "")

    def handle_data(self, data):
        if self.text:
            self.text[1].append(data)

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_inside = False
        elif tag == "textarea" and self.text:
            name, parts = self.text
            # The first line's end belongs to the markup.
            self.add(name, "".join(parts).removeprefix("\n"))
            self.text = None
        elif tag == "select" and self.select:
            name, is_multiple, options = self.select
            chosen = [value for value, is_chosen in options if is_chosen]
            if not chosen and not is_multiple:
                chosen = [value for value, _ in options[:1]]
            for value in chosen:
                self.add(name, value)
            self.select = None

    def add(self, name, value):
        self.values.setdefault(name, []).append(value.replace("\n", "\r\n"))


def read_form(page, form_id):
    """Return each name of a form with its values, as a browser sends them."""
    reader = FormReader(form_id)
    reader.feed(page)
    return reader.values
