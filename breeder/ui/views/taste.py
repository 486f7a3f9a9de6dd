"""The page of a person's taste: two pictures to compare, and what was learnt so far."""

from __future__ import annotations

from functools import partial

import streamlit as st

from breeder.ui import sidebar
from breeder.ui.comparing import comparison
from breeder.ui.large import large_view
from breeder.ui.learnt import learnt
from breeder.ui.session import page_state
from breeder.ui.taste_page import TastePage, hear_comparison, hear_learnt, inline_pictures
from breeder.ui.text import as_text

# Seconds for which the page waits for its first question; the browser asks again after it.
PATIENCE = 1.2

_KEY = "taste-page"

state = page_state()
page = st.session_state.get(_KEY)
if not isinstance(page, TastePage):
    page = st.session_state[_KEY] = TastePage(state)
page.refresh()
if state.notice:
    st.error(as_text(state.notice), icon=":material/error:")
asked = page.asker.questions(wait=PATIENCE)
comparison(
    questions=page.questions(asked),
    answers=page.answers,
    tally=page.tally,
    on_said=partial(hear_comparison, page),
    inline=inline_pictures(page, asked),
)
learnt(page.report(), on_action=partial(hear_learnt, page))
sidebar.show(state)
if state.opened:
    large_view(state)
