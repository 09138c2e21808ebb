"""The JSON API for chat widgets; its contract is docs/chat.openapi.yaml."""

from ivr.adapters.chat_http.app import ChatApiSettings, chat_app
from ivr.adapters.chat_http.tokens import ChatTokens

__all__ = ["ChatApiSettings", "ChatTokens", "chat_app"]
