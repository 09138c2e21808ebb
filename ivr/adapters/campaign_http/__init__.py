"""The JSON API for campaigns and the do-not-call list; its contract is docs/campaigns.openapi.yaml."""

from ivr.adapters.campaign_http.app import campaign_app
from ivr.adapters.campaign_http.office import CampaignApiSettings, Office
from ivr.adapters.campaign_http.uploads import Uploads

__all__ = ["CampaignApiSettings", "Office", "Uploads", "campaign_app"]
