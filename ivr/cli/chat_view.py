"""A chat for eyes and for programs: what the bot writes, what may be chosen, how an answer was taken."""

import json
from getpass import getpass
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from ivr.dialogue.ladder import LadderPolicy, band_of
from ivr.runtime.chat.desk import reply_body
from ivr.runtime.chat.exchange import Exchange


class ChatView(Protocol):
    """Where a chat is shown."""

    def show(self, exchange: Exchange, explained: dict[str, Any] | None) -> None:
        """One exchange, and how the answer before it was taken, where that is wanted."""
        ...

    def refuse(self, reason: str) -> None:
        """A message could not be taken."""
        ...

    def read(self, *, secret: bool) -> str | None:
        """The next line; None at the end."""
        ...


class JsonView:
    """One JSON object for each exchange."""

    def show(self, exchange: Exchange, explained: dict[str, Any] | None) -> None:
        """Print the object at once, for programs that wait for it."""
        body = reply_body(exchange) | ({"taken": explained} if explained else {})
        print(json.dumps(body, ensure_ascii=False), flush=True)

    def refuse(self, reason: str) -> None:
        """Print it as an object too."""
        print(json.dumps({"refused": reason}, ensure_ascii=False), flush=True)

    def read(self, *, secret: bool) -> str | None:
        """A line of standard input."""
        return _line(prompt="")


class TerminalView:
    """For people. What is piped in is shown among the answers, so that the whole reads as a dialogue."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, exchange: Exchange, explained: dict[str, Any] | None) -> None:
        """What was written, then the choices in one line."""
        if explained:
            told = "  ".join(f"{name} {value}" for name, value in explained.items() if value is not None)
            self._console.print(Text(f"     {told}", style="dim"))
        for message in exchange.messages:
            self._console.print(Text.assemble(("bot  ", "bold green"), message.text))
        for ticket in exchange.tickets:
            self._console.print(Text(f"     ticket {ticket.number} ({ticket.kind})", style="yellow"))
        if exchange.choices:
            offered = "   ".join(f"[{choice.key}] {choice.label}" for choice in exchange.choices)
            self._console.print(Text(f"     {offered}", style="cyan"))

    def refuse(self, reason: str) -> None:
        """Say why, in red."""
        self._console.print(Text(f"     {reason}", style="red"))

    def read(self, *, secret: bool) -> str | None:
        """A line; what is secret is neither shown while it is typed nor afterwards."""
        if not self._console.is_terminal:
            line = _line(prompt="")
            if line is not None:
                self._console.print(Text.assemble(("you  ", "bold"), "(secret)" if secret else line))
            return line
        if secret:
            try:
                return getpass("you  (hidden) ")
            except EOFError:
                return None
        return _line(prompt="you  ")


def explained(exchange: Exchange, policy: LadderPolicy) -> dict[str, Any] | None:
    """How the answer was taken: the item, the band of its confidence, why, and the rung afterwards."""
    taken = exchange.taken
    if taken is None:
        return None
    understood = " ".join(f"{name}={value}" for name, value in (taken.meaning or {}).items())
    return {
        "item": taken.item,
        "form": taken.form.value,
        "by": taken.source,
        "meaning": "(secret)" if taken.secret else understood or None,
        "band": band_of(taken.confidence, policy).value if taken.result == "match" else None,
        "confidence": round(taken.confidence, 2),
        "result": taken.result,
        "reason": taken.reason,
        "rung": taken.rung.value,
    }


def _line(prompt: str) -> str | None:
    try:
        return input(prompt)
    except EOFError:
        return None
