"""Who or what answered a call that we placed: rules on tones, on the timing of speech, and on words."""
