"""A worker's relay in a process of its own: publishes its outbox until it is told to stop, or killed."""

import asyncio
import os
import signal
import sys

from ivr.adapters.bus_mqtt import MqttBus, MqttSettings
from ivr.adapters.outbox_relay import OutboxRelay
from ivr.adapters.store_sqlalchemy import Database, SqlOutbox, SqlStore
from ivr.adapters.system_clock import SystemClock
from ivr.calls.ids import WorkerId


async def main(database_url: str, broker_url: str, worker_id: WorkerId) -> None:
    database, clock, stopping = Database(database_url), SystemClock(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await SqlStore(database, worker_id).register(os.getpid(), clock.now())
    bus = MqttBus(MqttSettings(broker_url, client_id=f"ivr-{worker_id}"))
    await OutboxRelay(SqlOutbox(database, worker_id), bus, clock, worker_id).run(stopping)
    await database.close()


asyncio.run(main(sys.argv[1], sys.argv[2], WorkerId(sys.argv[3])))
