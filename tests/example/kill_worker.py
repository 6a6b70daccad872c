"""Works on an import in a process of its own, for a test to kill. Not a test itself."""

import os
import sys

import django


def main() -> None:
    """Work on the plan whose key is the first argument, in steps of as many rows as the second."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aristay.settings")
    django.setup()
    from api.services.import_plan import applying, background

    applying.ROWS_PER_STEP = int(sys.argv[2])
    print("ready", flush=True)
    background.work_on_plan(int(sys.argv[1]))


if __name__ == "__main__":
    main()
