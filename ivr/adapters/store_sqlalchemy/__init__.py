"""The store: SQLite by default, PostgreSQL by address. The bus only carries the news of it."""

from ivr.adapters.store_sqlalchemy.call_records import CallRecord, SqlCallRecords
from ivr.adapters.store_sqlalchemy.campaign_desk import SqlCampaignDesk
from ivr.adapters.store_sqlalchemy.campaign_store import SqlCampaignStore
from ivr.adapters.store_sqlalchemy.chats import SqlChatStore
from ivr.adapters.store_sqlalchemy.database import Database, StoreError, StoreUnavailable, database_url
from ivr.adapters.store_sqlalchemy.do_not_call import SqlDoNotCallList
from ivr.adapters.store_sqlalchemy.loan_book import SqlLoanBook
from ivr.adapters.store_sqlalchemy.loan_import import SqlLoanImport
from ivr.adapters.store_sqlalchemy.migrate import current_revision, head_revision, upgrade
from ivr.adapters.store_sqlalchemy.outbox import OutboxRow, SqlOutbox
from ivr.adapters.store_sqlalchemy.recent_dialogues import SqlRecentDialogues
from ivr.adapters.store_sqlalchemy.store import SqlStore
from ivr.adapters.store_sqlalchemy.survey_answers import SqlSurveyAnswers
from ivr.adapters.store_sqlalchemy.ticket_desk import SqlTicketDesk
from ivr.adapters.store_sqlalchemy.ticket_queue import SqlForwardingQueue
from ivr.adapters.store_sqlalchemy.ticket_work import SqlTickets

__all__ = [
    "CallRecord",
    "Database",
    "OutboxRow",
    "SqlCallRecords",
    "SqlCampaignDesk",
    "SqlCampaignStore",
    "SqlChatStore",
    "SqlDoNotCallList",
    "SqlForwardingQueue",
    "SqlLoanBook",
    "SqlLoanImport",
    "SqlOutbox",
    "SqlRecentDialogues",
    "SqlStore",
    "SqlSurveyAnswers",
    "SqlTicketDesk",
    "SqlTickets",
    "StoreError",
    "StoreUnavailable",
    "current_revision",
    "database_url",
    "head_revision",
    "upgrade",
]
