"""The dialogue in writing: the same scripts, with keys as choices and prompts as text."""
