"""Where one tab of the Lab stands, and what its desk asks for. Knows nothing of Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeGuard, get_args

from breeder.errors import SettingsError
from breeder.lab.settings import MAX_QUERY, LabSettings
from breeder.ui.lab.address import Desk, read_address, write_address

DeskKind = Literal["settings", "breed"]
MAX_ADDRESS = MAX_QUERY + 200


@dataclass(slots=True, kw_only=True)
class LabState:
    """Where a tab stands.

    Attributes:
        desk: What the page shows, as far as the page has heard.
        turn: Rises when the page itself changes the desk, which the browser then takes over; what
            the browser changed itself it is never told again.
        moved: Whether the page's address has to be written again.
        notice: What went wrong last, one sentence; empty if nothing.
        breed: The settings that the person wants to breed from now, if any.
        leaving: Whether they were bred from and the grid is to be shown.
    """

    desk: Desk
    turn: int = 0
    moved: bool = True
    notice: str = ""
    breed: LabSettings | None = None
    leaving: bool = False

    @property
    def settings(self) -> LabSettings:
        """The picture's settings."""
        return self.desk.settings

    def take(self, settings: LabSettings, preset: str = "") -> None:
        """Show other settings on the desk; for the sections below it."""
        self.desk = replace(self.desk, settings=settings, preset=preset)
        self.turn += 1
        self.moved = True
        self.notice = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskMessage:
    """What the desk says.

    Attributes:
        kind: Whether settings were changed, or the network is to be bred.
        address: What the desk shows.
    """

    kind: DeskKind
    address: str


def parse_message(value: object) -> DeskMessage | None:
    """Return what a browser said, or None where it is malformed."""
    if not isinstance(value, Mapping):
        return None
    kind, address = value.get("kind"), value.get("address")
    if not isinstance(address, str) or len(address) > MAX_ADDRESS:
        return None
    return DeskMessage(kind=kind, address=address) if _is_kind(kind) else None


def hear(state: LabState, message: DeskMessage) -> None:
    """Take over what the desk shows; settings that cannot be are left to the desk to tell of."""
    state.notice = ""
    try:
        desk, shown = read_address(message.address), state.desk
        state.desk = replace(desk, section=shown.section, below=shown.below)
    except SettingsError as error:
        if message.kind == "breed":
            state.notice = str(error)
        return
    state.moved = True
    if message.kind == "breed":
        state.breed = state.desk.settings


def open_lab(query: Mapping[str, str]) -> LabState:
    """Return the state of a tab just opened at an address; a bad one gives one sentence."""
    try:
        return LabState(desk=read_address(query))
    except SettingsError as error:
        return LabState(desk=read_address({}), notice=str(error))


def address_of(state: LabState) -> str:
    """Return the query of the page's address."""
    return write_address(state.desk)


def _is_kind(value: object) -> TypeGuard[DeskKind]:
    return value in get_args(DeskKind)
