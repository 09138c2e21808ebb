"""`ivr bench asr`: how well people are understood over a telephone line."""

import os

from ivr.cli.asr_bench import options as o


def asr(
    corpus: o.Corpus,
    grammar: o.Grammar = None,
    strings: o.Strings = "",
    strings_each: o.StringsEach = 60,
    out_of_grammar: o.OutOfGrammar = None,
    language: o.Language = "",
    split: o.WhichHalf = o.Split.ALL,
    limit: o.Limit = 0,
    seed: o.Seed = 1,
    codec: o.WhichCodec = o.CodecName.PCMA,
    noise: o.Noise = None,
    snr: o.Snr = 15.0,
    loss: o.Loss = 0.0,
    engine: o.WhichEngine = o.EngineName.AUTO,
    models_dir: o.ModelsDir = None,
    url: o.Url = "",
    real_time: o.RealTime = False,
    same_sound: o.SameSound = False,
    false_rejects: o.FalseRejects = 5.0,
    threshold: o.Threshold = None,
    errors: o.Errors = False,
    json_to: o.AsJson = "",
    compare: o.Compare = None,
) -> None:
    """Accuracy with intervals, false accepts, latency and CPU of speech recognition, on recordings of people.

    Recordings are brought to one level, mixed with noise, coded, and recognised one by one on one core.

    An answer is right when it means what was said.

    Examples:

      ivr bench asr --corpus CORPUS --grammar command+yesno --out-of-grammar distractor --errors

      ivr bench asr --corpus CORPUS --strings 4,6,11 --noise NOISE --snr 10 --json new.json --compare old.json
    """
    # One core for each utterance; BLAS would otherwise spread its small sums over all of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ivr.cli.asr_bench.command import measure  # noqa: PLC0415  after the environment is set

    measure(
        o.Speech(
            corpora=corpus,
            grammars=grammar or [o.EACH_CATEGORY],
            strings=o.lengths(strings),
            strings_each=strings_each,
            out_of_grammar=out_of_grammar or [],
            language=language,
            split=split,
            limit=limit,
            seed=seed,
        ),
        o.LineWish(codec, noise or [], snr, loss),
        o.Listener(engine, models_dir, url, real_time),
        o.Judgement(same_sound, false_rejects / 100, threshold, errors, json_to, compare),
    )
