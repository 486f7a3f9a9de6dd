"""Settings are checked, and an address gives them back exactly."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breeder.activations import ACTIVATIONS
from breeder.errors import SettingsError
from breeder.inputs import INPUTS
from breeder.lab.settings import (
    BIAS_LAYERS,
    COORDINATES,
    FUNCTIONS,
    INITIALISATIONS,
    LAB_COLORS,
    MAX_QUERY,
    MAX_SEED,
    QUERY_NAMES,
    TOPOLOGIES,
    CustomInput,
    Initialisation,
    LabSettings,
    from_query,
    layers_of,
    read_widths,
    to_query,
)

numbers = st.floats(-1e4, 1e4)


@st.composite
def initialisations(draw: st.DrawFn) -> Initialisation:
    name = draw(st.sampled_from(list(INITIALISATIONS)))
    row = INITIALISATIONS[name]
    some = [draw(st.floats(row.low, row.high)) for _ in row.numbers]
    return Initialisation(name=name, numbers=tuple(some))


own_inputs = st.builds(
    CustomInput, function=st.sampled_from(FUNCTIONS), x=numbers, y=numbers, r=numbers, shift=numbers
)

lab_settings = st.builds(
    LabSettings,
    topology=st.sampled_from(TOPOLOGIES),
    widths=st.lists(st.integers(1, 40), max_size=8).map(tuple),
    activation=st.sampled_from(list(ACTIVATIONS)),
    output_activation=st.sampled_from(list(ACTIVATIONS)),
    weights=initialisations(),
    output_weights=st.none() | initialisations(),
    biases=initialisations(),
    bias_layers=st.sampled_from(BIAS_LAYERS),
    inputs=st.lists(
        st.sampled_from(list(INPUTS)) | own_inputs, min_size=1, max_size=6, unique=True
    ).map(tuple),
    coordinates=st.sampled_from(COORDINATES),
    scale=st.floats(1e-6, 1e6),
    frame=st.floats(1, 4096),
    zoom=st.floats(1e-4, 1e4),
    center=st.tuples(st.floats(-1000, 1000), st.floats(-1000, 1000)),
    rotation=st.floats(-1e6, 1e6),
    z=st.floats(-1000, 1000),
    seed=st.integers(0, MAX_SEED),
    color=st.sampled_from(LAB_COLORS),
    black_and_white=st.booleans(),
    caption=st.text(max_size=120).filter(str.isprintable),
)


@given(lab_settings)
def test_an_address_gives_back_its_settings_exactly(settings: LabSettings):
    query = to_query(settings)
    assert from_query(query) == settings
    assert from_query(f"http://127.0.0.1:8501/lab?{query}") == settings
    assert len(query) <= MAX_QUERY
    assert query.isascii()


def test_the_usual_network_is_the_one_of_the_articles():
    usual = LabSettings()
    assert usual.widths == (16,) * 8
    assert (usual.activation, usual.output_activation) == ("tanh", "sigmoid")
    assert to_query(usual) == "v=1"


def test_an_address_is_easy_to_read():
    settings = LabSettings(
        widths=(*layers_of(8, 16), 4),
        weights=Initialisation(name="uniform", numbers=(100.0,)),
        inputs=("x", "r", CustomInput(function="sin", x=6.0, shift=0.5)),
        black_and_white=True,
    )
    assert to_query(settings) == (
        "v=1&widths=16*8,4&weights=uniform:100.0&inputs=x,r,sin:6.0:0.0:0.0:0.5&black_and_white=1"
    )


LINKS_GIVEN_AWAY = {
    "v=1&topology=resnet&widths=32*8&weights=beta_variance:5.0&inputs=x,y,r,z&z=-1.5&seed=7": (
        LabSettings(
            topology="resnet",
            widths=(32,) * 8,
            weights=Initialisation(name="beta_variance", numbers=(5.0,)),
            inputs=("x", "y", "r", "z"),
            z=-1.5,
            seed=7,
        )
    ),
    "v=1": LabSettings(
        topology="perceptron",
        widths=(16,) * 8,
        activation="tanh",
        output_activation="sigmoid",
        weights=Initialisation(name="normal", numbers=(0.0, 1.0)),
        output_weights=None,
        biases=Initialisation(name="pytorch"),
        bias_layers="first",
        inputs=("x", "y"),
        coordinates="half",
        scale=1.0,
        frame=128.0,
        zoom=1.0,
        center=(0.0, 0.0),
        rotation=0.0,
        z=0.0,
        seed=1,
        color="rgb",
        black_and_white=False,
        caption="",
    ),
}


@pytest.mark.parametrize(("query", "settings"), LINKS_GIVEN_AWAY.items())
def test_links_keep_their_meaning(query: str, settings: LabSettings):
    """Whoever has to change this test must raise the version instead."""
    assert from_query(query) == settings


def test_every_setting_is_in_the_address():
    assert {field.name for field in fields(LabSettings)} == QUERY_NAMES


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "does not say its version"),
        ("seed=3", "does not say its version"),
        ("v=2&seed=3", "it is of version 2, and this breeder reads version 1"),
        ("v=1&sede=3", "there is no setting 'sede'"),
        ("v=1&seed=3&seed=4", "a setting is given twice"),
        ("v=1&seed=-3", "a seed is a whole number"),
        ("v=1&seed=1e3", "a seed is a whole number"),
        ("v=1&seed=99999999999999999", "a seed is a whole number"),
        ("v=1&seed=9999999999999999", "The seed must be a whole number"),
        ("v=1&zoom=nan", "'nan' is not a number"),
        ("v=1&zoom=1e400", "The zoom must lie between"),
        ("v=1&zoom=1e300", "The zoom must lie between"),
        ("v=1&zoom=0", "The zoom must lie between"),
        ("v=1&center=1", "The centre must be two numbers"),
        ("v=1&widths=16*9999", "layers are written as neurons"),
        ("v=1&widths=16*99", "at most 64 hidden layers"),
        ("v=1&widths=600", "The neurons of a layer"),
        ("v=1&widths=0", "The neurons of a layer"),
        ("v=1&widths=512*40", "8,000,000 is the most"),
        ("v=1&weights=magic", "There is no initialisation 'magic'"),
        ("v=1&weights=uniform:1:2", "takes 1 numbers (a), not 2"),
        ("v=1&weights=uniform:-1", "must lie between 0 and"),
        ("v=1&activation=swish", "There is no activation 'swish'"),
        ("v=1&inputs=", "There is no input ''"),
        ("v=1&inputs=x,x", "Each input is given only once"),
        ("v=1&inputs=open:1:2:3:4", "There is no function 'open'"),
        ("v=1&inputs=sin:1", "function:a:b:c:d"),
        ("v=1&inputs=" + ",".join(f"sin:{n}:0:0:0" for n in range(17)), "1 to 16 inputs"),
        ("v=1&black_and_white=yes", "a switch is 0 or 1"),
        ("v=1&color=cmyk", "There is no colour 'cmyk'"),
        ("v=1&caption=" + "a" * 121, "at most 120 letters"),
        ("v=1&caption=a%0Ab", "one line"),
        ("v=1&caption=%FF", "not a name and a value"),
        ("v=1&caption=" + "a" * 5000, "characters, and 4,000 is the most"),
        ("v=1&zoom", "not a name and a value"),
    ],
)
def test_a_bad_address_gets_one_sentence(query: str, said: str):
    with pytest.raises(SettingsError) as error:
        from_query(query)
    message = str(error.value)
    assert said in message
    assert message.startswith("Cannot read the Lab's address: ")
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize(
    "change",
    [
        {"topology": "tree"},
        {"inputs": ()},
        {"seed": 1.5},
        {"zoom": float("inf")},
        {"widths": (16,) * 65},
        {"widths": (2.5,)},
        {"color": ""},
        {"topology": "densenet", "widths": (512,) * 12},
    ],
)
def test_settings_outside_their_range_are_refused(change: dict[str, Any]):
    with pytest.raises(SettingsError):
        LabSettings(**change)


def test_true_weight_counts():
    """The articles call 16 x 16 and 8 x 32 similar; with the first layer's biases they have these
    counts."""
    deep, wide = LabSettings(widths=layers_of(16, 16)), LabSettings(widths=layers_of(8, 32))
    assert deep.weight_count + deep.bias_count == 3_936
    assert wide.weight_count + wide.bias_count == 7_360
    assert (deep.weight_count, deep.bias_count) == (3_920, 16)


def test_counts_of_other_shapes():
    dense = LabSettings(topology="densenet", widths=(8, 8), bias_layers="all")
    assert dense.shapes == ((2, 8), (10, 8), (18, 3))
    assert dense.weight_count == 16 + 80 + 54
    assert dense.bias_count == 19
    none = LabSettings(widths=(), color="grey", bias_layers="none")
    assert (none.shapes, none.weight_count, none.bias_count) == (((2, 1),), 2, 0)


def test_minus_zero_is_zero():
    settings = LabSettings(z=-0.0, center=(-0.0, 0.0))
    assert to_query(settings) == "v=1"
    assert str(replace(settings, z=0.0).z) == "0.0"


def test_widths_are_read_as_people_write_them():
    assert read_widths("16 * 2, 4") == (16, 16, 4)
    assert read_widths("") == ()
