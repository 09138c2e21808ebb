"""Grammars ready for use: texts in, `CompiledGrammar` out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from ivr.grammar.automaton import Automaton, Meaning, State
from ivr.grammar.automaton_builder import AutomatonBuilder
from ivr.grammar.bundle import Bundle, bundle_choice, bundle_files, write_bundle
from ivr.grammar.errors import GrammarError
from ivr.grammar.nodes import Capture, Expansion, Tag, tokens, walk
from ivr.grammar.phrases import Rng, draw_phrases, list_phrases
from ivr.grammar.reading import refuse
from ivr.grammar.sound import SOUND_LEVELS, SoundLevel, grammar_sounds, heard_sounds
from ivr.grammar.text import is_chinese, join_tokens, lead_in, normalise, normalise_keys, spell


@dataclass(frozen=True, slots=True)
class SoundMatch:
    """What a text means when it is taken by its sound."""

    meanings: tuple[dict[str, str], ...]
    certainty: float
    """0..1, lower the more the sounds had to be stretched."""


@dataclass(frozen=True)
class CompiledGrammar:
    """What may be said (or pressed) at one point of a call, and what it means. Equal when the source is."""

    language: str
    mode: str
    """`voice` or `dtmf`."""
    source: str
    """Self-contained ABNF; `compile_source` makes an equal grammar of it."""
    readers: Mapping[str, str] = field(compare=False)
    """The slots that hold captured text, each with the name of the reader that says what the text means."""
    bundle: Bundle = field(repr=False, compare=False)
    _automaton: Automaton = field(repr=False, compare=False)
    _entry: int = field(repr=False, compare=False)

    def phrases(self, limit: int) -> tuple[str, ...]:
        """All phrases as display text, in the order they are written.

        Raises `ExpansionTooLarge` when there are more than `limit`.
        """
        listed = list_phrases(self._rules, self.bundle.root, limit)
        return tuple(dict.fromkeys(join_tokens(phrase, self.language, self.mode) for phrase in listed))

    def count_phrases(self) -> int | None:
        """How many different normalised texts match, without listing them; None for endlessly many."""
        return self._automaton.count(self._entry)

    def words(self) -> tuple[str, ...]:
        """All terminals, sorted: Chinese in the segments the author wrote, other languages word by word."""
        found = {
            word for rule in self._rules.values() for token in tokens(rule) for word in token.text.split()
        }
        return tuple(sorted(found))

    def slots(self) -> frozenset[str]:
        """All slots that what is said may fill."""
        tags = {node.slot for rule in self._rules.values() for node in walk(rule) if isinstance(node, Tag)}
        return frozenset(tags | set(self.readers))

    def sample(self, rng: Rng, count: int) -> tuple[str, ...]:
        """Phrases by lot, by the weights and probabilities that the author gives; some may come twice."""
        drawn = draw_phrases(self._rules, self.bundle.root, rng, count)
        return tuple(join_tokens(phrase, self.language, self.mode) for phrase in drawn)

    def match(self, text: str) -> tuple[dict[str, str], ...]:
        """The distinct meanings of this text by its letters, up to `normalise`; empty when out of grammar.

        A slot of `readers` holds the normalised text that was captured; it is absent when that is silence.
        """
        said = normalise(text, self.language)
        if self.mode != "voice" or not said:
            return ()
        found = self._automaton.meanings(self._entry, lead_in(self.language, self.mode) + said, str.__eq__)
        return _as_dicts(found)

    def match_sound(self, text: str) -> SoundMatch | None:
        """The meanings of a Chinese text by its sound, at the strictest of `SOUND_LEVELS` that gives any.

        Captured text is what the grammar says, not the homophones that were heard.
        """
        said = normalise(text, self.language)
        if self.mode != "voice" or not said or not is_chinese(self.language):
            return None
        for level in SOUND_LEVELS:
            if len(said) < level.least_chars:
                continue
            heard = heard_sounds(said, level)
            found = self._automaton.meanings(self._entry, heard, partial(_sounds_like, level))
            if found:
                return SoundMatch(_as_dicts(found), level.certainty)
        return None

    def match_keys(self, keys: str) -> tuple[dict[str, str], ...]:
        """The distinct meanings of a sequence of DTMF keys (0-9, *, #, A-D)."""
        pressed = normalise_keys(keys)
        if self.mode != "dtmf" or not pressed:
            return ()
        return _as_dicts(self._automaton.meanings(self._entry, pressed, str.__eq__))

    def start(self) -> State:
        """The acceptor before the first character of normalised text (or key)."""
        return self._follow(self._automaton.entry(self._entry), lead_in(self.language, self.mode))

    def advance(self, state: State, piece: str) -> State | None:
        """The acceptor after a further piece of normalised text; None when no phrase goes on so.

        A piece may be any substring, also half a word; in languages with spaces it includes them.
        """
        return self._follow(state, piece) or None

    def is_final(self, state: State) -> bool:
        """Whether what was said so far is a whole phrase."""
        return self._automaton.is_final(state)

    def next_chars(self, state: State) -> frozenset[str]:
        """The characters that may follow; empty when only the end can."""
        return self._automaton.next_chars(state)

    def _follow(self, state: State, piece: str) -> State:
        for char in piece:
            state = self._automaton.step(state, char)
        return state

    @property
    def _rules(self) -> Mapping[str, Expansion]:
        return self.bundle.rules


def compile_grammar(texts: Mapping[str, str], file: str) -> CompiledGrammar:
    """Compile `file`'s root rule with everything it refers to. `texts` holds the files of its language.

    Raises `GrammarError` with file, line, column, reason and mend.
    """
    return _compile(bundle_files(texts, file))


def compile_source(source: str) -> CompiledGrammar:
    """Compile one self-contained ABNF text, such as `CompiledGrammar.source`. Raises `GrammarError`."""
    return _compile(bundle_files({"source": source}, "source"))


def combine(*grammars: CompiledGrammar) -> CompiledGrammar:
    """A grammar that takes what any of these takes. Raises `GrammarError` when language or mode differ."""
    first = grammars[0]
    for other in grammars[1:]:
        if (other.language, other.mode) != (first.language, first.mode):
            raise GrammarError(
                f"a {first.mode} grammar in {first.language} and a {other.mode} grammar in {other.language} "
                "cannot be combined",
                "combine grammars of one language and mode",
            )
    return first if len(grammars) == 1 else _compile(bundle_choice(tuple(g.bundle for g in grammars)))


def _compile(bundle: Bundle) -> CompiledGrammar:
    builder = AutomatonBuilder(bundle.rules, partial(spell, language=bundle.language, mode=bundle.mode))
    automaton, entry = builder.build(bundle.root)
    if entry is None:
        refuse(bundle.place, f"${bundle.root} matches nothing", "remove $VOID from its path")
    if automaton.is_final(automaton.entry(entry)):
        mend = "make at least one part of it other than optional"
        refuse(bundle.place, f"${bundle.root} matches silence", mend)
    readers = _readers(bundle.rules.values())
    source = write_bundle(bundle)
    return CompiledGrammar(bundle.language, bundle.mode, source, readers, bundle, automaton, entry)


def _readers(expansions: Iterable[Expansion]) -> Mapping[str, str]:
    """Each captured slot's reader. Raises `GrammarError` for a slot that could hold two kinds of text."""
    found = [part for expansion in expansions for part in walk(expansion)]
    written = {part.slot for part in found if isinstance(part, Tag)}
    readers: dict[str, str] = {}
    for part in found:
        if not isinstance(part, Capture):
            continue
        place = part.position
        reader = readers.setdefault(part.slot, part.reader)
        reason = f"slot {part.slot} is read by {reader} and by {part.reader}" if reader != part.reader else ""
        if part.slot in written:
            reason = f"slot {part.slot} is both captured and written"
        if reason:
            refuse(place, reason, "give one of them a slot of its own")
    return readers


def _sounds_like(level: SoundLevel, letter: str, sound: str) -> bool:
    return sound in grammar_sounds(letter, level)


def _as_dicts(meanings: tuple[Meaning, ...]) -> tuple[dict[str, str], ...]:
    return tuple(dict(meaning) for meaning in meanings)
