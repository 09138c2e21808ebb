"""What may be said in one request, compiled for Whisper: the phrases by sound, their meanings, the tokens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from ivr.adapters.recogniser.engine import BadRequest, Request
from ivr.adapters.recogniser.phrase_index import PhraseIndex
from ivr.adapters.recogniser.recent import Recent
from ivr.adapters.recogniser.spelling import language_of, spellings
from ivr.grammar.compiled import CompiledGrammar, compile_source
from ivr.grammar.errors import ExpansionTooLarge, GrammarError

_MOST_PHRASES = 60_000
"""About 4 s of work when first met; larger grammars are met through their acceptor."""

_LONGEST_OPEN_TOKENS = 40
"""Token limit of a phrase of a grammar that cannot be listed."""

_MEANINGS_KEPT = 2_000
"""Of the phrases met; a grammar that cannot be listed has no end of them."""

Tokenise = Callable[[list[str]], list[list[int]]]


@dataclass(frozen=True)
class Scope:
    """A grammar ready for decoding. Immutable but for a small memory of meanings."""

    language: str
    index: PhraseIndex
    longest: int
    """Most tokens that a phrase takes."""
    tokens: frozenset[int]
    listed: bool
    """Whether the index holds every phrase; if not, only the grammar knows what is a phrase."""
    grammar: CompiledGrammar | None
    _meanings: Recent[str, str | None] = field(default_factory=lambda: Recent(_MEANINGS_KEPT))

    def meaning(self, phrase: str) -> str | None:
        """A key that phrases of the same meaning share; None when the phrase is out of grammar."""
        if self.grammar is None:
            return phrase
        return self._meanings.get(phrase, partial(self._match, self.grammar, phrase))

    @staticmethod
    def _match(grammar: CompiledGrammar, phrase: str) -> str | None:
        found = grammar.match(phrase)
        return repr(found) if found else None


def build_scope(request: Request, tokenise: Tokenise) -> Scope:
    """Compile the request's grammar or phrases. Raises `BadRequest` when the grammar is faulty."""
    language = language_of(request.locale)
    grammar = None
    phrases: tuple[str, ...] | None = request.phrases
    if request.grammar:
        try:
            grammar = compile_source(request.grammar)
            phrases = grammar.phrases(_MOST_PHRASES)
        except ExpansionTooLarge:
            phrases = None
        except GrammarError as error:
            raise BadRequest(f"the grammar does not compile: {error}") from error
    if phrases is None:
        assert grammar is not None
        words = PhraseIndex(grammar.words(), language, tokenise)
        letters = [text for word in grammar.words() for char in word for text in spellings(char, language)]
        tokens = words.tokens | {token for row in tokenise(letters) for token in row}
        return Scope(language, words, _LONGEST_OPEN_TOKENS, tokens, False, grammar)
    index = PhraseIndex([phrase for phrase in phrases if phrase != "[unk]"], language, tokenise)
    return Scope(language, index, index.longest, index.tokens, True, grammar)
