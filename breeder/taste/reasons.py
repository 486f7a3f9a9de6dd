"""What a taste likes, and why a picture scores higher than its rivals, in plain words.

Words are given where what was learnt stands out from what is unsure, one for each topic: a list of
twenty places, or of four names for contrast, tells nobody anything. What has no honest words is
left unsaid.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from breeder.taste.features import FEATURES, true_words
from breeder.taste.model import Floats, Taste, slopes

MOST_REASONS: Final = 3
MOST_LIKES: Final = 5

SURE: Final = 0.25
"""Standard deviations by which a topic must speak for a picture to be a reason. Low, since most of
the doubt is about what many topics share: which of them it is, not whether there is anything."""

LIKED: Final = 0.25
"""The weight, in standard deviations of what was expected at first, from which on a feature is said
to be liked."""

SEEN: Final = 0.3
"""How much more of a feature than its rivals a picture must have, in what is usual among founders,
for the words to be true to the eye."""

_TOPICS: Final = {
    "hues": "hue",
    "palette": "variety",
    "symmetry": "symmetry",
    "direction": "direction",
    "fineness": "detail",
    "edges": "detail",
    "contrast": "contrast",
    "layout": "place",
    "edge layout": "place",
}
_COLOUR_TOPICS: Final = (
    *("light", "hue", "hue", "contrast"),
    *("variety", "variety", "vividness", "vividness"),
)


def reasons(taste: Taste, features: Floats, about: Floats) -> tuple[str, ...]:
    """Return in plain words what speaks for a picture, the strongest first.

    Args:
        taste: What was learnt.
        features: Of the picture, shape (F,).
        about: Of what it is set against: the mean over its rivals, shape (F,).

    Returns:
        Three at most; none where nothing stands out.
    """
    count = len(FEATURES)
    # What each feature adds on the way from the rivals to the picture, by the slopes at both ends.
    way = 0.5 * (slopes(features) + slopes(about)) * (features - about)[:, None]
    parts = way[:count]
    gains = parts @ taste.weights
    moved = (features - about)[:count]
    told = np.where(moved > 0, _has_words()[0], _has_words()[1])
    true = (np.abs(moved) >= SEEN) & (features[:count] * moved > 0)
    true &= np.where(moved > 0, *true_words(features))
    said = np.where(told & true, gains, 0.0)
    found = []
    for topic, members in _members().items():
        best = members[int(np.argmax(said[members]))]
        gain = float(gains[members].sum())
        doubt = float(taste.unsure(parts[members].sum(axis=0)[None])[0])
        if topic and said[best] > 0 and gain > SURE * doubt:
            found.append((gain, best))
    found.sort(reverse=True)
    return tuple(_word(each, moved[each] > 0) for _, each in found[:MOST_REASONS])


def likes(taste: Taste) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return in plain words what a taste that is trusted likes in pictures, and what it does not.

    Returns:
        Two tuples, the strongest first, five at most; empty where nothing stands out.
    """
    weights = taste.weights[: len(FEATURES)]
    liked: list[str] = []
    disliked: list[str] = []
    topics = {"", "place"}  # places are for single pictures
    for each in np.argsort(-np.abs(weights), kind="stable"):
        word, topic = FEATURES[each].more, _topic(int(each))
        if abs(weights[each]) < LIKED:
            break
        told = liked if weights[each] > 0 else disliked
        if word and topic not in topics and len(told) < MOST_LIKES:
            topics.add(topic)
            told.append(word)
    return tuple(liked), tuple(disliked)


@cache
def _members() -> dict[str, NDArray[np.intp]]:
    """Return the features of each topic."""
    topics = np.array([_topic(index) for index in range(len(FEATURES))])
    return {topic: np.flatnonzero(topics == topic) for topic in dict.fromkeys(topics.tolist())}


@cache
def _has_words() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which features have words for more, and for less, of them."""
    more = np.array([bool(each.more) for each in FEATURES])
    return more, np.array([bool(each.less) for each in FEATURES])


def _topic(index: int) -> str:
    group = FEATURES[index].group
    return _COLOUR_TOPICS[index] if group == "colour" else _TOPICS[group]


def _word(index: int, more: bool) -> str:
    return FEATURES[index].more if more else FEATURES[index].less
