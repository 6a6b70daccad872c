"""The small faults that can be put into a module, one at a time.

Each is a change of a few bytes of the source, so that it reads as a diff. Left alone are texts for
people (strings with a space), annotations, imports, docstrings and whether a dataclass is frozen:
nobody's tests ought to notice.
"""

import ast
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

COMPARISONS: Final[dict[type[ast.cmpop], tuple[str, str]]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: (r"\bis\b", "is not"),
    ast.IsNot: (r"\bis\s+not\b", "is"),
    ast.In: (r"\bin\b", "not in"),
    ast.NotIn: (r"\bnot\s+in\b", "in"),
}
ARITHMETIC: Final[dict[type[ast.operator], tuple[str, str]]] = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "+"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitOr: (r"\|", "&"),
    ast.BitAnd: ("&", "|"),
}
# Without these there is nothing left that runs.
KEPT_DECORATORS: Final = {"classmethod", "staticmethod", "property", "overload", "dataclass"}
# These are for the type checker, which tells who writes to what is frozen, and for memory.
DATACLASS_OPTIONS: Final = {"frozen", "kw_only", "slots"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault: bytes of a source, and what they are replaced by."""

    line: int
    start: int
    end: int
    replacement: str
    kind: str

    def apply_to(self, source: bytes) -> bytes:
        """Return the source with the fault."""
        return source[: self.start] + self.replacement.encode() + source[self.end :]


def find_mutants(source: bytes) -> list[Mutant]:
    """Return every mutant of a module that still parses, in the order of its lines.

    >>> source = b"def is_late(day): return day > 3"
    >>> for mutant in find_mutants(source):
    ...     print(mutant.kind, mutant.apply_to(source).decode()[18:])
    return return None
    comparison return day >= 3
    number return day > 4
    """
    finder = MutantFinder(source)
    finder.visit(ast.parse(source))
    return sorted(finder.found, key=lambda mutant: (mutant.line, mutant.start, mutant.kind))


class MutantFinder(ast.NodeVisitor):
    """Walks through a module and collects its mutants."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.found: list[Mutant] = []
        lines = source.splitlines(keepends=True)
        self.offsets = [0]
        for line in lines:
            self.offsets.append(self.offsets[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where a node begins and ends, in bytes."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self.offsets[node.lineno - 1] + node.col_offset
        return start, self.offsets[node.end_lineno - 1] + node.end_col_offset

    def read(self, node: ast.expr | ast.stmt) -> str:
        """Return a node's source."""
        start, end = self.span(node)
        return self.source[start:end].decode()

    def add(self, kind: str, line: int, span: tuple[int, int], replacement: str) -> None:
        """Keep a mutant, if it is a program."""
        mutant = Mutant(line=line, start=span[0], end=span[1], replacement=replacement, kind=kind)
        try:
            compile(mutant.apply_to(self.source), "mutant", "exec", dont_inherit=True)
        except SyntaxError:
            return
        self.found.append(mutant)

    def replace(self, kind: str, node: ast.expr | ast.stmt, replacement: str) -> None:
        """Replace a whole node."""
        self.add(kind, node.lineno, self.span(node), replacement)

    def swap(self, kind: str, left: ast.expr, right: ast.expr, swap: tuple[str, str]) -> None:
        """Replace the operator that stands between two nodes."""
        start, end = self.span(left)[1], self.span(right)[0]
        between = self.source[start:end].decode()
        swapped, count = re.subn(swap[0], swap[1], between, count=1)
        if count:
            self.add(kind, left.lineno, (start, end), swapped)

    def negate(self, test: ast.expr) -> None:
        """Turn a condition round."""
        self.replace("condition", test, f"(not ({self.read(test)}))")

    def visit_Compare(self, node: ast.Compare) -> None:
        """Move a comparison by one."""
        operands = pairwise([node.left, *node.comparators])
        for (left, right), operator in zip(operands, node.ops, strict=True):
            self.swap("comparison", left, right, COMPARISONS[type(operator)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Ask for one where both are asked for, and the reverse."""
        swap = (r"\band\b", "or") if isinstance(node.op, ast.And) else (r"\bor\b", "and")
        for left, right in pairwise(node.values):
            self.swap("and, or", left, right, swap)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Leave out a ``not`` or a minus."""
        if isinstance(node.op, ast.Not | ast.USub):
            self.replace("not", node, f"({self.read(node.operand)})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Take another operator."""
        if swap := ARITHMETIC.get(type(node.op)):
            self.swap("arithmetic", node.left, node.right, swap)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Assign in place of adding."""
        value = f"{self.read(node.target)} = {self.read(node.value)}"
        self.replace("assignment", node, value)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take another value."""
        match node.value:
            case bool():
                self.replace("truth", node, str(not node.value))
            case int():
                self.replace("number", node, str(node.value + 1))
            case str() if node.value and " " not in node.value:
                self.replace("string", node, repr(f"{node.value}_x"))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave texts alone: the places inside them are not told before Python 3.12."""

    def visit_If(self, node: ast.If) -> None:
        """Take the other branch."""
        if "TYPE_CHECKING" in self.read(node.test):
            return
        self.negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """Never begin."""
        self.replace("condition", node.test, "False")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Take the other value."""
        self.negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Keep what is left out, and the reverse."""
        for test in node.ifs:
            self.negate(test)
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        """Return nothing."""
        if node.value is not None and self.read(node.value) != "None":
            self.replace("return", node, "return None")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Leave out a call; a text that stands alone is a docstring."""
        if isinstance(node.value, ast.Constant):
            return
        if isinstance(node.value, ast.Call):
            self.replace("call", node, "pass")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Leave out an argument that is given by its name."""
        if self.read(node.func) == "dataclass":
            node.keywords = [one for one in node.keywords if one.arg not in DATACLASS_OPTIONS]
        if self.read(node.func) == "cast":
            node.args = node.args[1:]
        for keyword in node.keywords:
            if keyword.arg:
                start = self.offsets[keyword.lineno - 1] + keyword.col_offset
                end = self.span(keyword.value)[1]
                comma = re.match(rb"\s*,", self.source[end:])
                span = (start, end + (comma.end() if comma else 0))
                self.add("argument", keyword.lineno, span, "")
        self.generic_visit(node)

    def visit_With(self, node: ast.With) -> None:
        """Do without what surrounds a block."""
        if all(item.optional_vars is None for item in node.items):
            start = self.span(node)[0]
            end = self.source.rindex(b":", start, self.span(node.body[0])[0]) + 1
            self.add("with", node.lineno, (start, end), "if True:")
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Take off decorators, and go on with the body: annotations are nobody's behaviour."""
        for decorator in node.decorator_list:
            if not KEPT_DECORATORS & set(re.findall(r"\w+", self.read(decorator))):
                start, end = self.span(decorator)
                self.add("decorator", decorator.lineno, (start - 1, end), "")
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Do the same to an asynchronous function."""
        self.visit_FunctionDef(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Look at the value alone."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Look at the value alone, and neither at the list of public names nor at types."""
        is_public = any(isinstance(one, ast.Name) and one.id == "__all__" for one in node.targets)
        if not is_public and not re.match(r"(TypeVar|ParamSpec)\(", self.read(node.value)):
            self.visit(node.value)
