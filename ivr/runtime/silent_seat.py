"""The silent seat of a hotline where nobody sits in one."""

from ivr.dialogue.state import Consult, Consulted


class NobodySeat:
    """Has no answer, at once: the caller goes on to the next rung without waiting."""

    async def ask(self, consult: Consult) -> Consulted:
        """Nobody is there."""
        return Consulted(consult.turn)
