"""What can be wrong with a grammar."""


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
