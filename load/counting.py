"""Counts the statements of a request, for whoever sent it to read in the answer."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

__all__ = ["STATEMENTS", "StatementMiddleware"]

STATEMENTS: Final = "X-Statements"
"""The header of an answer that says how many statements it took."""


class StatementMiddleware:
    """Says in each answer how many statements it took, those of the frame included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and count."""
        count = 0

        def count_statement(execute: Callable[..., Any], *arguments: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*arguments)

        is_probe = request.path_info.startswith("/health/")
        with nullcontext() if is_probe else connection.execute_wrapper(count_statement):
            response = self.get_response(request)
        response.headers[STATEMENTS] = str(count)
        return response
