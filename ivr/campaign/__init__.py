"""Who is rung, when and how often. Every decision is a pure function and carries its reasons."""
