"""The sidebar: the list of runs, and the place where files are dropped."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Final

import streamlit as st

from breeder.store import KEEP_DAYS
from breeder.ui.drop import drop_anywhere
from breeder.ui.pictures import picture_address
from breeder.ui.run_list import GoneRun, RunAction, RunItem, run_list
from breeder.ui.state import (
    PageState,
    delete_run,
    import_file,
    new_run,
    restore_run,
    resume,
    undo_delete,
)

MOST_GONE: Final = 100
"""Deleted runs that are listed."""


def show(state: PageState) -> None:
    """Show the sidebar."""
    if state.runs is None:
        state.runs, state.gone = state.store.runs(), state.store.runs(deleted=True)
    with st.sidebar:
        run_list(
            runs=[
                RunItem(
                    id=run.id,
                    name=run.name,
                    url=picture_address(run.thumbnail) if run.thumbnail else "",
                    generations=run.generations,
                    updated=run.updated_at,
                )
                for run in state.runs
            ],
            current=state.breeder.run_id,
            deleted=(state.deleted.id, state.deleted.name) if state.deleted else None,
            gone=_gone(state),
            on_action=partial(hear_run_action, state),
            key="runs",
        )
        # A new key empties the uploader, so that the same file can be dropped again.
        count = st.session_state.setdefault("uploads", 0)
        st.file_uploader(
            "Start from a picture or genome file",
            key=f"upload-{count}",
            on_change=take_upload,
            args=(state, f"upload-{count}"),
            help="A picture or genome that breeder wrote, a genome of Picbreeder (XML or zip), or "
            "a network of neat-python (JSON). Drop it anywhere.",
        )
        drop_anywhere()


def _gone(state: PageState) -> list[GoneRun]:
    """Return the deleted runs, the one deleted last first."""
    moment = datetime.now(UTC)
    gone = []
    for run in state.gone[:MOST_GONE]:
        since = moment - (run.deleted_at or moment)
        gone.append(GoneRun(id=run.id, name=run.name, days=max(KEEP_DAYS - since.days, 0)))
    return gone


def take_upload(state: PageState, key: str) -> None:
    """Begin a run from the file just dropped."""
    upload = st.session_state[key]
    if upload is not None:
        import_file(state, upload.getvalue(), upload.name)
        st.session_state["uploads"] += 1


def hear_run_action(state: PageState, action: RunAction) -> None:
    """Do what a button of the list asks for."""
    match action.kind:
        case "open":
            resume(state, action.id)
        case "new" | "new_grey":
            new_run(state, color=action.kind == "new")
        case "delete":
            delete_run(state, action.id)
        case "undo":
            undo_delete(state)
        case "restore":
            restore_run(state, action.id)
        case "rename" | "duplicate":
            _change(state, action)


def _change(state: PageState, action: RunAction) -> None:
    with state.reporting():
        if action.kind == "rename":
            state.store.rename_run(action.id, action.name)
            state.runs = None
            st.session_state.pop(f"name-{action.id}", None)
        else:
            name = state.store.run(action.id).name
            copy = state.store.duplicate_run(action.id, f"{name[:190]} (copy)")
            resume(state, copy.id)
