"""The conversation as a state machine: Script, Item, DialogueState, `advance`, the ladder."""
