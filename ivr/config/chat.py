"""The section of the settings file about the dialogue in writing."""

from typing import Annotated

from pydantic import Field, StringConstraints

from ivr.config.http_api import HttpApi
from ivr.config.sections import Port

Origin = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+$")]


class ChatSettings(HttpApi):
    """The JSON API for chat widgets. Its bearer token is read from IVR_CHAT_TOKEN."""

    port: Port = Field(default=8070, description="Port of the API.")
    health_port: Port = Field(
        default=8071, description="Port of its /healthz and /metrics, at workers.http_host."
    )
    origins: tuple[Origin, ...] = Field(
        default=(), description="Web pages that may ask directly (CORS), such as https://www.example."
    )
    idle_minutes: int = Field(
        default=15, ge=1, le=1440, description="Minutes without a message after which a chat ends, 1 to 1440."
    )
    max_messages: int = Field(
        default=200, ge=10, le=1000, description="Messages after which a chat ends politely, 10 to 1000."
    )
    messages_per_minute: int = Field(
        default=30, ge=1, le=600, description="Messages in one chat in a minute, 1 to 600."
    )
    context_hours: int = Field(
        default=24,
        ge=0,
        le=168,
        description="Hours for which what was left unfinished in another channel is offered again, "
        "0 (never) to 168; ended chats can be read as long.",
    )
