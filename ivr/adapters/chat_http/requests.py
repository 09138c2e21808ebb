"""What clients may send, checked field by field."""

from typing import Annotated

from pydantic import Field, model_validator

from ivr.adapters.http_api import Body

MessageId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{8,64}$")]


class OpenChat(Body):
    """A chat to be opened."""

    locale: Annotated[str, Field(pattern=r"^[a-z]{2}-[A-Z]{2}$")]
    phone: Annotated[str, Field(pattern=r"^\+?[0-9 -]{5,20}$")] | None = None
    token: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,19}$")] = "web"
    request_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{16,64}$")] | None = None


class PostMessage(Body):
    """A message, or a choice."""

    text: str | None = None
    choice: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    message_id: MessageId | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "PostMessage":
        if (self.text is None) == (self.choice is None):
            raise ValueError("give either text or choice")
        return self
