"""What the people of a mixed day do, for locust: `python -m load` runs it."""

import random
import re
from datetime import date, timedelta
from itertools import cycle
from typing import Final

from locust import between, task

from load.visitors import API, FAILURES, FOLDER, PASSWORD, Visitor

PHOTOS: Final = [path.read_bytes() for path in sorted(FOLDER.glob("photo*.jpg"))]
WORKBOOKS: Final = cycle(sorted(FOLDER.glob("bookings*.xlsx")))
HTMX: Final = {"HX-Request": "true"}
LINE: Final = re.compile(r"/tasks/\d+/checklist/(\d+)/")


class Cleaner(Visitor):
    """Looks at the day on a phone, answers checklists, takes photos, and finishes tasks."""

    kind = "cleaner"
    weight = 30

    @task(3)
    def work_on_task(self) -> None:
        """Open a task of the day and do a part of it."""
        day = self.ask("my day", "GET", "/my-day/")
        tasks = self.find_numbers(day, r'href="/tasks/(\d+)/"')
        if not tasks:
            return
        path = f"/tasks/{random.choice(tasks)}/"
        self.wait()
        page = self.ask("a task", "GET", path)
        if page.text.count('value="in_progress"'):
            start = {"status": "in_progress"}
            self.ask("task: status", "POST", f"{path}status/", data=start, headers=HTMX)
        for item in LINE.findall(page.text)[:3]:
            self.wait()
            done = {"done": "1", "text": "Fine", "number": "4"}
            self.ask("task: checklist", "POST", f"{path}checklist/{item}/", data=done, headers=HTMX)
        self.wait()
        self.take_photo(path)

    def take_photo(self, path: str) -> None:
        """Send a photo of the task, now and then as its last step."""
        photo = {"photos": ("room.jpg", random.choice(PHOTOS), "image/jpeg")}
        kind = {"image_type": random.choice(["before", "after"])}
        self.ask("task: photo", "POST", f"{path}photos/", data=kind, files=photo, headers=HTMX)
        if random.random() < 0.3:
            end = {"status": "completed"}
            self.ask("task: status", "POST", f"{path}status/", data=end, headers=HTMX)

    @task(2)
    def look_at_day(self) -> None:
        """See what is new."""
        self.ask("my day", "GET", "/my-day/")
        self.ask("notices", "GET", "/notices/")

    @task(1)
    def look_at_photos(self) -> None:
        """See the photos of a task, each as a thumbnail."""
        day = self.ask("my day", "GET", "/my-day/")
        for key in self.find_numbers(day, r'href="/tasks/(\d+)/"')[:1]:
            page = self.ask("a task", "GET", f"/tasks/{key}/")
            for photo in re.findall(r'src="(/photos/\d+/[^"]*)"', page.text)[:4]:
                self.ask("a photo", "GET", photo.replace("&amp;", "&"))


class Manager(Visitor):
    """Has the portal open: overview, board, calendar, bookings, photos."""

    kind = "manager"
    weight = 10

    @task(3)
    def look_at_board(self) -> None:
        """See what is to be done, and change a task."""
        board = self.ask("board", "GET", "/tasks/")
        if tasks := self.find_numbers(board, r'href="/tasks/(\d+)/"'):
            self.wait()
            self.ask("a task", "GET", f"/tasks/{random.choice(tasks)}/")

    @task(3)
    def look_at_calendar(self) -> None:
        """See who is where, and move a stay if its days are free."""
        shown = date.today() + timedelta(days=random.randrange(0, 120))
        page = self.ask("calendar", "GET", f"/calendar/?from={shown}")
        stays = self.find_numbers(page, r"/calendar/(\d+)/")
        if stays:
            path, shift = f"/calendar/{random.choice(stays)}/", random.choice([-1, 1, 2])
            self.wait()
            preview = {"shift": shift}
            self.ask("calendar: preview", "GET", path, params=preview, headers=HTMX)
            self.ask("calendar: move", "POST", f"{path}move/", data=preview, headers=HTMX)

    @task(3)
    def look_at_bookings(self) -> None:
        """Search, open a booking, see its history."""
        words = random.choice(["", "Crane", "Juniper", "HM", "Alba"])
        page = self.ask("bookings", "GET", f"/bookings/?q={words}")
        if keys := self.find_numbers(page, r'href="/bookings/(\d+)/"'):
            key = random.choice(keys)
            self.wait()
            self.ask("a booking", "GET", f"/bookings/{key}/")
            self.ask("a booking's history", "GET", f"/history/booking/{key}/")

    @task(2)
    def look_at_overview(self) -> None:
        """Begin the day."""
        self.ask("overview", "GET", "/overview/")
        self.ask("notices", "GET", "/notices/")

    @task(1)
    def judge_photos(self) -> None:
        """Approve a photo."""
        page = self.ask("photos", "GET", "/photos/")
        if photos := self.find_numbers(page, r"/photos/(\d+)/review/"):
            judgement = {"status": "approved"}
            path = f"/photos/{random.choice(photos)}/review/"
            self.ask("photos: review", "POST", path, data=judgement)


class ManagerByProgram(Visitor):
    """A manager whose own program uses the REST API."""

    kind = "manager"
    weight = 7

    def sign_in(self) -> None:
        """Get a token."""
        fields = {"username": self.name, "password": PASSWORD}
        answer = self.ask("API: log in", "POST", f"{API}/auth/log-in/", json=fields)
        self.client.headers["Authorization"] = f"Token {answer.json()['token']}"

    @task(3)
    def read_bookings(self) -> None:
        """Read the next pages of bookings, and one of them."""
        page = self.ask("API: bookings", "GET", f"{API}/bookings/?limit=50&ordering=-check_in")
        key = random.choice(page.json()["results"])["id"]
        self.ask("API: a booking", "GET", f"{API}/bookings/{key}/")

    @task(2)
    def read_calendar(self) -> None:
        """Read a month of the calendar."""
        first = date.today() + timedelta(days=random.randrange(0, 90))
        days = f"first={first}&last={first + timedelta(days=30)}"
        self.ask("API: calendar", "GET", f"{API}/calendar/?{days}")

    @task(2)
    def change_booking(self) -> None:
        """Correct a guest's name."""
        page = self.ask("API: bookings", "GET", f"{API}/bookings/?limit=20&status=confirmed")
        if rows := page.json()["results"]:
            row = random.choice(rows)
            path, body = f"{API}/bookings/{row['id']}/", {"guest_name": f"Guest {random.random()}"}
            self.ask("API: change a booking", "PATCH", path, json=body)

    @task(2)
    def make_booking(self) -> None:
        """Book a house; somebody else may have been quicker, which is an answer too."""
        houses = self.ask("API: houses", "GET", f"{API}/properties/").json()["results"]
        day = date.today() + timedelta(days=random.randrange(400, 1000))
        body = {
            "property": random.choice(houses)["id"],
            "check_in": f"{day}T16:00:00Z",
            "check_out": f"{day + timedelta(days=3)}T10:00:00Z",
            "guest_name": "Ada Fenwick",
        }
        self.ask("API: book", "POST", f"{API}/bookings/", (201, 409), json=body)

    @task(3)
    def read_tasks(self) -> None:
        """Read the open tasks and how many there are."""
        self.ask("API: tasks", "GET", f"{API}/tasks/?status=pending&limit=50")
        self.ask("API: task counts", "GET", f"{API}/tasks/counts/")


class Owner(Visitor):
    """Looks after the own houses now and then."""

    kind = "owner"
    fixed_count = 1

    @task
    def look_at_houses(self) -> None:
        """See the own houses, who is there, and the calendar."""
        houses = self.find_numbers(self.ask("houses", "GET", "/houses/"), r'href="/houses/(\d+)/"')
        self.wait()
        self.ask("a house", "GET", f"/houses/{random.choice(houses)}/")
        self.wait()
        self.ask("bookings", "GET", "/bookings/")
        self.ask("calendar", "GET", "/calendar/")


class Importer(Visitor):
    """Imports one workbook after the other, and waits for the worker each time."""

    kind = "importer"
    fixed_count = 1
    wait_time = between(3, 6)

    @task
    def import_workbook(self) -> None:
        """Send a file, look at its plan, approve its houses, apply it."""
        path = next(WORKBOOKS)
        file = {"file": (path.name, path.read_bytes())}
        answer = self.ask("import: upload", "POST", f"{API}/imports/", (202,), files=file)
        if answer.status_code != 202:
            return
        plan = f"{API}/imports/{answer.json()['id']}/"
        self.await_status(plan, "planned")
        key = answer.json()["id"]
        self.ask("import: rows", "GET", f"{API}/import-rows/?plan={key}")
        labels = self.ask("import: labels", "GET", f"{API}/import-labels/?plan={key}")
        for label in labels.json()["results"]:
            approve = f"{API}/import-labels/{label['id']}/approve/"
            self.ask("import: approve", "POST", approve)
        self.ask("import: apply", "POST", f"{plan}apply/", (202,), json={})
        self.await_status(plan, "applied")

    def await_status(self, plan: str, status: str, rounds: int = 40) -> None:
        """Ask for the plan until a worker has brought it to a status."""
        for _ in range(rounds):
            self.wait()
            answer = self.ask("import: progress", "GET", plan)
            if answer.status_code == 200 and answer.json()["status"] == status:
                return
        FAILURES.append(f"import: {plan} is not {status}")
