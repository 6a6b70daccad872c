"""Judges a mutant in a fraction of a second: all is imported once, and each mutant gets a fork.

A fault inside a function can be put into a running Python: the function's code is replaced. This
process, which :mod:`.judging` starts in its copy of the tree, collects the tests and makes the
database once; it reads an order from each line of its input and answers with a line. What died here
is dead. What survived may owe that to something that was made before the fault (a cache, a trigger,
a process that a test starts), so it has to be judged once more in a Python of its own.
"""

import ast
import gc
import json
import os
import shutil
import signal
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import IO, Final, NamedTuple, cast

import pytest

__all__ = ["OPTIONS", "PATIENCE", "Order"]

PATIENCE: Final = 60
"""Seconds after which a test is held to run for ever."""


OPTIONS: Final = ("-q", "-p", "no:cacheprovider", "-p", "tools.mutation.haste")
"""What pytest is started with."""


class Order(NamedTuple):
    """A mutant: its file, the healthy and the faulty source, where it begins, and its tests."""

    path: str
    healthy: str
    faulty: str
    start: int
    tests: list[str]


class Place(NamedTuple):
    """What tells a function from others: its file, its first line and its name."""

    path: str
    line: int
    name: str


@pytest.mark.django_db
def test_the_database_is_made() -> None:
    """Run first and alone, so that each fork finds a database."""


class Judge:
    """A plugin of pytest that takes orders in place of running the tests."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        self.orders = orders
        self.answers = answers
        self.functions: dict[Place, list[FunctionType]] = defaultdict(list)
        self.items: dict[str, pytest.Item] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Say how the tests end that the first line names, without a fault; then take orders."""
        from django.db import connections

        self.items = {item.nodeid: item for item in session.items}
        self.run_test(session.items[0], session)
        connections.close_all()
        database = Path(connections["default"].settings_dict["NAME"])
        fresh = database.with_suffix(".fresh")
        shutil.copyfile(database, fresh)
        self.find_functions()
        tests = json.loads(self.orders.readline())
        self.answer(self.run_tests(tests, session))
        for line in self.orders:
            shutil.copyfile(fresh, database)
            self.answer(self.judge(Order(*json.loads(line)), session))
        fresh.unlink()
        return True

    def answer(self, word: str) -> None:
        """Say a word to who gave the order."""
        print(word, file=self.answers, flush=True)

    def find_functions(self) -> None:
        """Remember every function by its place."""
        for found in gc.get_objects():
            if isinstance(found, FunctionType):
                code = found.__code__
                place = Place(code.co_filename, code.co_firstlineno, code.co_name)
                self.functions[place].append(found)

    def judge(self, order: Order, session: pytest.Session) -> str:
        """Run the tests of an order in a fork, up to the first failure."""
        code = compile_function(order)
        if code is None:
            return "unable"
        place = Place(order.path, code.co_firstlineno, code.co_name)
        functions = self.functions[place]
        if not functions or len(functions[0].__code__.co_freevars) != len(code.co_freevars):
            return "unable"
        return self.run_tests(order.tests, session, functions, code)

    def run_tests(
        self,
        tests: list[str],
        session: pytest.Session,
        functions: Iterable[FunctionType] = (),
        code: CodeType | None = None,
    ) -> str:
        """Run tests in a fork, up to the first failure, with another code for some functions."""
        if child := os.fork():
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if status == -signal.SIGALRM:
                return "timeout"
            return "killed" if status else "survived"
        status = 1
        try:
            for function in functions:
                function.__code__ = cast("CodeType", code)
            status = int(not all(self.run_test(self.items[name], session) for name in tests))
        finally:
            # Nothing of what belongs to the parent is taken down.
            os._exit(status)

    def run_test(self, item: pytest.Item, session: pytest.Session) -> bool:
        """Run a test with all that it needs, and tell whether it passed."""
        signal.alarm(PATIENCE)
        # What belongs to the session stays, such as the database.
        following = cast("pytest.Item", session)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        signal.alarm(0)
        return not session.testsfailed


def compile_function(order: Order) -> CodeType | None:
    """Return the code of the function with the fault, if there is one around it.

    >>> healthy = "def is_late(day):\\n    return day > 3\\nis_on = True\\n"
    >>> order = Order("late.py", healthy, healthy.replace(">", "<"), 25, [])
    >>> compile_function(order).co_name
    'is_late'
    >>> compile_function(order._replace(start=45))
    """
    before = order.healthy.encode()[: order.start]
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n") - 1
    for function in find_outer_functions(ast.parse(order.healthy)):
        first = function.body[0]
        begin = (first.lineno, first.col_offset)
        end = (function.end_lineno or 0, function.end_col_offset or 0)
        if begin <= (line, column) < end:
            decorators = function.decorator_list
            start = min([function.lineno, *(one.lineno for one in decorators)])
            module = compile(order.faulty, order.path, "exec", dont_inherit=True)
            found = (code for code in walk_codes(module) if code.co_name == function.name)
            return next(code for code in found if code.co_firstlineno == start)
    return None


def find_outer_functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Yield the functions that stand in no other."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node
        else:
            yield from find_outer_functions(node)


def walk_codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a code and all that stand in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from walk_codes(constant)


def main(files: list[str]) -> int:
    """Take orders about the tests of some files.

    Returns:
        The exit status of pytest.
    """
    judge = Judge(os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w"))
    # What pytest prints is no answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return int(pytest.main([*OPTIONS, __file__, *files], [judge]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
