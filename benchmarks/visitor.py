"""One person's tab without a browser: says to the server what a browser would, and hears the grid.

A real session of Streamlit over its websocket: the same messages, the same reruns, the same
pictures inside the answer. Only decoding and showing them is left out.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

ANSWER_SECONDS = 60.0
MESSAGES_KEPT = 6
"""Large messages that a browser keeps, so that the server need not send them again."""


class SessionError(Exception):
    """The server showed an error, or did not answer."""


class Visitor:
    """A tab on the page where pictures are bred.

    Attributes:
        grid: The data of the grid component as last heard: generation, tiles, saved picks, ...
        bytes_heard: Bytes received so far.
    """

    def __init__(self, socket: ClientConnection, url: str, query: str = "") -> None:
        self.grid: dict[str, Any] = {}
        self.bytes_heard = 0
        self._socket = socket
        self._url = url
        self._query = query
        self._page = ""
        self._grid_id = ""
        self._controls: dict[str, WidgetState] = {}
        self._cached: OrderedDict[str, ForwardMsg] = OrderedDict()
        self._seq = 0
        self._said: list[dict[str, Any]] = []

    @classmethod
    async def open(cls, url: str, query: str = "") -> Visitor:
        """Open a tab as a browser without cookies does, and wait for its first grid."""
        address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
        socket = await connect(
            address, max_size=None, compression=None, subprotocols=["streamlit"], origin=url
        )
        visitor = cls(socket, url, query)
        await visitor._rerun()
        await visitor._hear(lambda: "inline" in visitor.grid)
        return visitor

    async def close(self) -> None:
        """Close the tab."""
        await self._socket.close()

    @property
    def run(self) -> str:
        """The identity of the run, which the server has put into the tab's address."""
        return self._query.partition("run=")[2]

    async def pick(self, slots: list[int]) -> None:
        """Send the whole set of picks, and wait until the server says that it is stored."""
        here, chosen = self.grid["generation"], sorted(slots)
        await self._say({"kind": "picks", "generation": here, "slots": chosen, "touched": chosen})
        seq = self._seq
        await self._hear(lambda: self.grid["saved"]["seq"] == seq)

    async def evolve(self, slots: list[int]) -> float:
        """Press Evolve; return the seconds until the message with the next pictures is here."""
        before = self.grid["generation"]
        action = {"kind": "evolve", "generation": before, "slots": sorted(slots)}
        began = time.perf_counter()
        await self._say(action)
        took = await self._hear(lambda: self.grid["generation"] != before and "inline" in self.grid)
        return took - began

    async def _say(self, message: dict[str, Any]) -> None:
        self._seq += 1
        self._said = [{"seq": self._seq, **message}]
        await self._rerun()

    async def _rerun(self) -> None:
        message = BackMsg()
        ask = message.rerun_script
        ask.query_string = self._query
        ask.page_script_hash = self._page
        ask.cached_message_hashes.extend(self._cached)
        ask.context_info.url = self._url
        ask.context_info.timezone, ask.context_info.locale = "UTC", "en-US"
        states = ask.widget_states.widgets
        states.extend(self._controls.values())
        if self._said:
            said = {"turn": self._seq, "messages": self._said}
            states.append(WidgetState(id=self._grid_id, json_value=json.dumps({"said": said})))
        await self._socket.send(message.SerializeToString())

    async def _hear(self, arrived: Any) -> float:
        """Hear one script run to its end; return when what was waited for had arrived."""
        when = 0.0
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while True:
                    data = await self._socket.recv(decode=False)
                    self.bytes_heard += len(data)
                    message = ForwardMsg.FromString(data)
                    kind = message.WhichOneof("type")
                    if kind == "script_finished" and (when or self._finished_badly(message)):
                        return when
                    self._take(message)
                    when = when or (time.perf_counter() if self.grid and arrived() else 0.0)
        except TimeoutError as error:
            raise SessionError(f"no answer within {ANSWER_SECONDS:.0f} s") from error

    def _finished_badly(self, message: ForwardMsg) -> bool:
        if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            raise SessionError("the script ended without what was asked for")
        return False

    def _take(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "ref_hash":
            message = self._cached[message.ref_hash]
            self._cached.move_to_end(message.hash)
        elif message.metadata.cacheable:
            self._cached[message.hash] = message
            while len(self._cached) > MESSAGES_KEPT:
                self._cached.popitem(last=False)
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._take_element(message.delta.new_element)

    def _take_element(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception" or (kind == "alert" and element.alert.format == 1):
            raise SessionError(
                getattr(element, kind).SerializeToString().decode("utf-8", "replace")
            )
        if kind == "bidi_component" and element.bidi_component.component_name == "breeder.grid":
            self._grid_id = element.bidi_component.id
            self.grid = json.loads(element.bidi_component.json)
        elif kind in _CONTROLS:
            widget = getattr(element, kind)
            state = WidgetState(id=widget.id, **_CONTROLS[kind](widget))
            self._controls.setdefault(widget.id, state)


# What a browser tells of the plain controls, which it does on every rerun.
_CONTROLS: dict[str, Any] = {
    "text_input": lambda widget: {"string_value": widget.value or widget.default},
    "slider": lambda widget: {"double_array_value": {"data": list(widget.default)}},
    "button_group": lambda widget: {
        "string_array_value": {"data": [widget.options[place].content for place in widget.default]}
    },
    "checkbox": lambda widget: {"bool_value": widget.default},
}
