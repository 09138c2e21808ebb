"""What can be wrong with a grammar."""

import unicodedata


class GrammarError(ValueError):
    """A grammar cannot be used. The message reads `file:line:column: reason. Mend: what to do`."""

    def __init__(self, reason: str, mend: str, *, file: str = "", line: int = 1, column: int = 1) -> None:
        self.reason = reason
        self.mend = mend
        self.file = file
        self.line = line
        self.column = column
        super().__init__(f"{file or 'grammar'}:{line}:{column}: {reason}. Mend: {mend}.")


class ExpansionTooLarge(ValueError):
    """A grammar has more phrases than the caller is ready to list."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the grammar has more than {limit} phrases; match with it, do not list it")


def pointed_out(error: GrammarError, text: str) -> str:
    """The line of `text` that an error speaks of, with a caret below its column; empty when there is none.

    Chinese characters and other wide ones take two columns, as terminals show them.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    if not 0 < error.line <= len(lines) or not lines[error.line - 1].strip():
        return ""
    line = lines[error.line - 1].rstrip("\r").replace("\t", " ")
    before = line[: error.column - 1]
    width = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in before)
    return f"  {line}\n  {' ' * width}^"
