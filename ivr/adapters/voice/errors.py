"""What can go wrong on the way from text to audio."""


class VoiceError(Exception):
    """A text cannot be spoken: the voice or its model is missing or broken."""


class PromptFilesError(Exception):
    """The files below the prompts directory are faulty; the message lists every fault, one a line."""
