"""The section of the settings file about campaigns over HTTP."""

from pydantic import Field

from ivr.config.http_api import HttpApi
from ivr.config.sections import Port


class CampaignApi(HttpApi):
    """Campaigns and the do-not-call list as a JSON API. Its bearer token is read from IVR_CAMPAIGN_TOKEN."""

    port: Port = Field(default=8072, description="Port of the API.")
    health_port: Port = Field(
        default=8073, description="Port of its /healthz and /metrics, at workers.http_host."
    )
    max_upload_mib: int = Field(
        default=32, ge=1, le=1024, description="Largest file of contacts or numbers in MiB, 1 to 1024."
    )
