"""What a caller may say and press at one moment of a call."""

from dataclasses import dataclass

from ivr.grammar.compiled import CompiledGrammar


@dataclass(frozen=True, slots=True)
class GrammarSet:
    """One grammar for speech and one for keys, either of which may be absent; global commands included."""

    voice: CompiledGrammar | None
    keys: CompiledGrammar | None
