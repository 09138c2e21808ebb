"""What the sections of the JSON APIs have in common."""

from pydantic import Field, SecretStr

from ivr.config.sections import Network, Section


class HttpApi(Section):
    """A JSON API that `ivr run` may serve. Its bearer token comes from the environment alone."""

    enabled: bool = Field(default=False, description="Whether `ivr run` serves it: true or false.")
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on; any but loopback needs the token in the environment.",
    )
    proxies: tuple[Network, ...] = Field(
        default=(), description="Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8."
    )
    requests_per_minute: int = Field(
        default=300, ge=1, le=100_000, description="Requests from one address in a minute, 1 to 100000."
    )
    token: SecretStr | None = Field(default=None, exclude=True, repr=False)
