"""Folds many small ES modules into few files, without a bundler.

The site's own modules follow four habits, and this tool refuses what departs from them: static imports stand at
the start of a line, only names are imported, what is exported is declared there (``export function``, ``const``,
``class``), and there are no import cycles. So a module can become a function that returns its exports, in
dependency order, and the meaning stays that of the sources, which run unfolded too.
"""

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

from ops.webroot.errors import WebrootError

_IMPORT = re.compile(r"^import\s*\{([^}]*)\}\s*from\s*'([^']+)';[^\S\n]*\n", re.MULTILINE)
_EXPORT = re.compile(r"^export\s+((?:async\s+)?function\*?|const|class)\s+([A-Za-z_$][\w$]*)", re.MULTILINE)
_DOC_COMMENT = re.compile(r"^[ \t]*/\*\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_LINE_COMMENT = re.compile(r"^[ \t]*//[^\n]*\n", re.MULTILINE)
_INDENT = re.compile(r"^\s+", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One source module: its path in web/, its imports (path → names as written) and its exports."""

    path: str
    body: str
    imports: list[tuple[str, str]] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The variable that holds the folded module: ``lib/clock.js`` → ``$lib_clock``."""
        return _variable(self.path)


def without_comments(source: str) -> str:
    """A module without the lines that only people read, and without its indentation."""
    return _INDENT.sub("", _LINE_COMMENT.sub("", _DOC_COMMENT.sub("", source)))


def read_module(web: Path, path: str) -> Module:
    """Parse one module; raise WebrootError when it uses a form that folding does not carry."""
    source = (web / path).read_text(encoding="utf-8")
    imports = [
        (posixpath.normpath(posixpath.join(posixpath.dirname(path), target)), " ".join(names.split()))
        for names, target in _IMPORT.findall(source)
    ]
    body = _IMPORT.sub("", source)
    exports = [name for _, name in _EXPORT.findall(body)]
    body = _EXPORT.sub(r"\1 \2", body)
    for line in body.splitlines():
        if re.match(r"(import[\s{'\"*]|export\b)", line):
            raise WebrootError(f"web/{path}: folding carries no such form: {line.strip()}")
    return Module(path, without_comments(body), imports, exports)


class Folder:
    """Reads modules once and writes folded files from them."""

    def __init__(self, web: Path, external: frozenset[str]) -> None:
        """``external`` modules (the vendored library) stay files of their own."""
        self.web = web
        self.external = external
        self._modules: dict[str, Module] = {}

    def module(self, path: str) -> Module:
        """The parsed module at ``path`` (relative to web/)."""
        if path not in self._modules:
            self._modules[path] = read_module(self.web, path)
        return self._modules[path]

    def closure(self, entry: str) -> list[str]:
        """``entry`` and all that it imports, dependencies first, without the external ones."""
        done: list[str] = []
        open_: list[str] = []

        def visit(path: str) -> None:
            if path in done or path in self.external:
                return
            if path in open_:
                raise WebrootError(f"web/{path}: import cycle: {' → '.join([*open_, path])}")
            open_.append(path)
            for target, _ in self.module(path).imports:
                visit(target)
            open_.pop()
            done.append(path)

        visit(entry)
        return done

    def fold(self, entry: str, core: str | None = None) -> str:
        """The text of one folded file; modules that ``core`` already holds are imported from it."""
        shared = self.closure(core) if core else []
        inside = [path for path in self.closure(entry) if path not in shared]
        here = posixpath.dirname(entry) or "."
        lines: list[str] = []
        wanted = {target for path in inside for target, _ in self.module(path).imports}
        for target in sorted(wanted & self.external):
            lines.append(f"import * as {_variable(target)} from '{_relative(here, target)}';")
        used = sorted(_variable(path) for path in wanted if path in shared)
        if core and used:
            lines.append(f"import {{ {', '.join(used)} }} from '{_relative(here, core)}';")
        lines += [self._wrapped(self.module(path)) for path in inside]
        names = [self.module(path).name for path in inside]
        lines.append(f"export {{ {', '.join(names)} }};")
        last = self.module(entry)
        if core:
            lines += [f"export const {{ {name} }} = {last.name};" for name in last.exports]
        return "\n".join(lines) + "\n"

    def _wrapped(self, module: Module) -> str:
        takes = [
            f"const {{ {names.replace(' as ', ': ')} }} = {_variable(target)};" for target, names in module.imports
        ]
        parts = [f"const {module.name} = (() => {{", *takes, module.body.strip()]
        parts.append(f"return {{ {', '.join(module.exports)} }};\n}})();")
        return "\n".join(parts)


def _variable(path: str) -> str:
    """A name that no module declares itself, which is why it begins with a dollar sign."""
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))


def _relative(here: str, target: str) -> str:
    path = posixpath.relpath(target, here)
    return path if path.startswith(".") else f"./{path}"
