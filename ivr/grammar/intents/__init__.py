"""Free sentences into intents: what the caller wants, learnt from example phrases."""
