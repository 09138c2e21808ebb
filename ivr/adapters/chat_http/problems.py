"""What goes wrong with chats alone."""

from ivr.adapters.http_api import Kind

UNKNOWN_CHAT = Kind("unknown-chat", 404, "There is no such chat", "open one with POST /v1/chats")
CHAT_ENDED = Kind("chat-ended", 409, "The chat has ended", "open a new one with POST /v1/chats")
CHAT_MOVED_ON = Kind(
    "chat-moved-on", 409, "The chat has gone on meanwhile", "read it with GET, then send again"
)
MESSAGE_TOO_LONG = Kind("message-too-long", 422, "The message is too long", "send at most 2000 characters")
