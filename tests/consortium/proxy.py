"""A network between members in user space: lines that are cut and healed, with a seeded jitter."""

import asyncio
import random
import threading


class Network:
    """One listening port for each ordered pair; `line(i, j)` is where member i finds member j."""

    def __init__(self, targets, seed, jitter_ms=3):
        self.targets = targets
        self.random = random.Random(seed)
        self.jitter_ms = jitter_ms
        self.ports = {}
        self.apart = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self.loop).result(10)

    def line(self, one, other):
        return self.ports[(one, other)]

    def part(self, members):
        """Nothing passes any more between these members and the others; connections stay."""
        self.apart = set(members)

    def heal(self):
        self.apart = set()

    def close(self):
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _end(self):
        for server in self.servers:
            server.close()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _open(self):
        self.servers = []
        for one in range(len(self.targets)):
            for other, target in enumerate(self.targets):
                if one == other:
                    continue
                server = await asyncio.start_server(self._handler(one, other, target),
                                                    "127.0.0.1", 0)
                self.servers.append(server)
                self.ports[(one, other)] = server.sockets[0].getsockname()[1]

    def _handler(self, one, other, target):
        async def handle(reader, writer):
            # The streams' own callback asks a task for its exception, also of one that was ended.
            try:
                await meet(reader, writer)
            except asyncio.CancelledError:
                pass

        async def meet(reader, writer):
            try:
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
            except OSError:
                writer.close()
                return
            await asyncio.gather(self._carry(one, other, reader, far_writer),
                                 self._carry(one, other, far_reader, writer))
        return handle

    async def _carry(self, one, other, reader, writer):
        try:
            while data := await reader.read(65_536):
                await asyncio.sleep(self.random.uniform(0, self.jitter_ms) / 1_000)
                while (one in self.apart) != (other in self.apart):
                    await asyncio.sleep(0.02)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
