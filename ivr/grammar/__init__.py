"""Words, digits or keys into meaning: SRGS grammars and `interpret(hypothesis, grammar)`."""
