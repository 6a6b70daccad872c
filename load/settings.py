"""AriStay's settings of production, and one middleware that counts what a request costs."""

from aristay.settings import *  # noqa: F403

MIDDLEWARE = ["load.counting.StatementMiddleware", *MIDDLEWARE]  # noqa: F405
