"""The simulated customer: a planned call to a voice agent, placed over a real line and measured."""
