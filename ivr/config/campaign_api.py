"""The section of the settings file about campaigns over HTTP."""

from pydantic import Field, SecretStr

from ivr.config.sections import Network, Port, Section


class CampaignApi(Section):
    """Campaigns and the do-not-call list as a JSON API. Its bearer token is read from IVR_CAMPAIGN_TOKEN."""

    enabled: bool = Field(default=False, description="Whether `ivr run` serves it: true or false.")
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on; any but loopback needs IVR_CAMPAIGN_TOKEN.",
    )
    port: Port = Field(default=8072, description="Port of the API.")
    health_port: Port = Field(
        default=8073, description="Port of its /healthz and /metrics, at workers.http_host."
    )
    proxies: tuple[Network, ...] = Field(
        default=(), description="Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8."
    )
    requests_per_minute: int = Field(
        default=300, ge=1, le=100_000, description="Requests from one address in a minute, 1 to 100000."
    )
    max_upload_mib: int = Field(
        default=32, ge=1, le=1024, description="Largest file of contacts or numbers in MiB, 1 to 1024."
    )
    token: SecretStr | None = Field(default=None, exclude=True, repr=False)
