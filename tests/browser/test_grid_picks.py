"""What a person picks in the grid: shown at once, taken when stored, said until it is."""

from playwright.sync_api import expect

from tests.browser.bare_grid import COUNT, SHARP, Bare, later, message, saved, stored


def test_a_pick_shows_in_the_very_task_of_the_click(shown: Bare):
    pressed = shown.pick(3).evaluate(
        "(tile) => (tile.click(), [tile.ariaPressed, tile.dataset.saved])"
    )
    assert pressed == ["true", "false"]
    expect(shown.button("evolve")).to_have_text("Evolve 1 pick")
    assert shown.picks() == [{"generation": "g1", "slots": [3], "touched": [3], "seq": 1}]


def test_a_pick_is_taken_only_when_the_server_has_stored_it(shown: Bare):
    shown.pick(3).click()
    expect(shown.pick(3)).to_have_attribute("data-saved", "false")
    shown.tell(stored(3, seq=1))
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")


def test_a_stale_answer_reverts_nothing(shown: Bare):
    shown.pick(3).click()
    shown.pick(4).click()
    shown.tell(stored(3, seq=1))
    assert shown.picked() == [3, 4]
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")
    expect(shown.pick(4)).to_have_attribute("data-saved", "false")


def test_a_pick_taken_back_does_not_return_with_a_stale_answer(shown: Bare):
    shown.pick(3).click()
    shown.pick(3).click()
    shown.tell(stored(3, seq=1))
    assert shown.picked() == []
    expect(shown.pick(3)).to_have_attribute("data-saved", "false")


def test_a_pick_made_again_is_not_taken_for_the_first_one(shown: Bare):
    for _ in range(3):
        shown.pick(3).click()
    shown.tell(stored(3, seq=1))
    expect(shown.pick(3)).to_have_attribute("data-saved", "false")
    shown.tell(later(saved=saved(3, seq=3)))
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")


def test_answers_in_the_wrong_order_leave_the_newest(shown: Bare):
    shown.pick(3).click()
    shown.pick(4).click()
    shown.tell(later(saved=saved(3, 4, seq=2)))
    shown.tell(stored(3, seq=1))
    assert shown.picked() == [3, 4]
    expect(shown.pick(4)).to_have_attribute("data-saved", "true")


def test_stored_picks_are_shown_with_a_grid_one_comes_back_to(bare: Bare):
    bare.show(message(saved=saved(2, 9, seq=6)))
    assert bare.picked() == [2, 9]
    expect(bare.pick(9)).to_have_attribute("data-saved", "true")
    bare.pick(4).click()
    assert bare.picks() == [{"generation": "g1", "slots": [2, 4, 9], "touched": [4], "seq": 1}]


def test_picks_of_another_generation_are_not_taken_for_these(shown: Bare):
    shown.tell(later(saved=saved(1, seq=9, generation="g0")))
    assert shown.picked() == []


def test_every_click_of_a_burst_sends_the_whole_set_with_a_rising_number(shown: Bare):
    shown.page.evaluate(
        """() => {
          const root = document.querySelector("#host").shadowRoot;
          for (let click = 0; click < 20; click += 1) {
            root.querySelector(`.pick[data-slot="${click % 15}"]`).click();
          }
        }"""
    )
    sent = shown.picks()
    assert [picks["seq"] for picks in sent] == list(range(1, 21))
    assert sent[-1]["slots"] == list(range(5, 15))
    assert shown.picked() == list(range(5, 15))


def test_a_double_click_is_two_toggles(shown: Bare):
    shown.pick(3).dblclick()
    assert shown.picked() == []
    assert shown.actions() == []


def test_an_unanswered_pick_is_said_again_and_the_page_says_so(timed: Bare):
    timed.pick(3).click()
    timed.page.clock.run_for(2_900)
    expect(timed.status).to_have_text("")
    timed.page.clock.run_for(200)
    assert [[each["seq"] for each in said] for said in timed.sayings()] == [[1], [1]]
    expect(timed.status).to_have_text("Not stored yet: 1 pick waits to be stored.")
    expect(timed.live).to_have_text("Not stored yet: 1 pick waits to be stored.")
    timed.tell(stored(3, seq=1))
    expect(timed.pick(3)).to_have_attribute("data-saved", "true")
    expect(timed.status).to_have_text("")
    timed.page.clock.run_for(60_000)
    assert len(timed.sayings()) == 2


def test_a_pick_that_was_answered_and_not_stored_is_said_under_a_new_number(timed: Bare):
    timed.pick(3).click()
    timed.tell(later(answered=1))
    expect(timed.pick(3)).to_have_attribute("data-saved", "false")
    timed.page.clock.run_for(3_100)
    assert [picks["seq"] for picks in timed.picks()] == [1, 2]
    expect(timed.status).to_have_text("Not stored yet: 1 pick waits to be stored.")
    timed.tell(stored(3, seq=2))
    expect(timed.pick(3)).to_have_attribute("data-saved", "true")
    expect(timed.status).to_have_text("")


def test_picks_of_a_lost_connection_are_said_when_it_is_back(timed: Bare):
    timed.connect("PINGING_SERVER")
    expect(timed.status).to_have_text(
        "Not connected: what you pick waits until the server is back."
    )
    timed.pick(3).click()
    timed.pick(8).click()
    expect(timed.status).to_have_text("Not connected: 2 picks wait to be stored.")
    expect(timed.root.locator('.pick[data-saved="true"]')).to_have_count(0)
    timed.page.clock.run_for(600_000)
    assert timed.sayings() == []
    timed.connect("CONNECTED")
    expect(timed.status).to_have_text("Not stored yet: 2 picks wait to be stored.")
    assert timed.picks()[-1]["slots"] == [3, 8]
    timed.tell(stored(3, 8, seq=2, ear="ear-2"))
    expect(timed.root.locator('.pick[data-saved="true"]')).to_have_count(2)
    expect(timed.status).to_have_text("")


def test_what_a_new_server_has_not_heard_is_said_to_it_at_once(shown: Bare):
    shown.pick(3).click()
    shown.page.keyboard.press("f")
    shown.tell(later(ear="ear-2"))
    first, second = shown.sayings()[-2:]
    assert [each["kind"] for each in first] == ["picks", "favourite"]
    assert second == first
    expect(shown.pick(3)).to_have_attribute("data-saved", "false")
    shown.tell(stored(3, seq=1, ear="ear-2"))
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")


def test_the_word_of_a_new_server_holds_though_its_numbers_begin_again(shown: Bare):
    shown.pick(3).click()
    shown.tell(stored(3, seq=1))
    shown.tell(later(ear="ear-2", saved=saved(3, 5, seq=0)))
    assert shown.picked() == [3, 5]
    expect(shown.pick(5)).to_have_attribute("data-saved", "true")


def test_a_pick_made_while_another_grid_arrives_belongs_to_the_one_that_is_seen(shown: Bare):
    slow, held = shown.hold_a_picture("g2")
    with shown.page.expect_request("**/slow.svg"):
        shown.tell(slow)
    shown.pick(3).click()
    assert shown.picked() == [3]
    held[0].fulfill(body=SHARP, content_type="image/svg+xml")
    expect(shown.root).to_have_attribute("data-generation", "g2")
    assert shown.picked() == []
    assert [(each["generation"], each["slots"]) for each in shown.picks()] == [("g1", [3])]
    shown.tell(later("g2", ear="ear-2"))
    assert shown.sayings()[-1] == shown.sayings()[-2]  # still said, though its grid is gone
    shown.tell(later("g2", ear="ear-2", answered=1))
    shown.tell(later("g2", ear="ear-3"))
    assert len(shown.sayings()) == 2


def test_a_click_begun_in_one_grid_picks_nothing_in_the_next(shown: Bare):
    shown.pick(3).hover()
    shown.page.mouse.down()
    shown.show(message("g2"))
    shown.page.mouse.up()
    assert shown.picked() == []
    assert [(each["generation"], each["slots"]) for each in shown.picks()] == [("g1", [3])]
    shown.pick(3).click()
    assert shown.picked() == [3]
    assert shown.picks()[-1]["generation"] == "g2"


def test_a_remount_keeps_pictures_and_picks(shown: Bare):
    shown.pick(3).click()
    shown.page.evaluate("() => cleanups.at(-1)()")
    shown.tell(later())
    expect(shown.root).to_have_attribute("data-decoded", "true")
    expect(shown.root.locator(".picture img")).to_have_count(COUNT)
    expect(shown.root.locator('[data-broken="true"]')).to_have_count(0)
    assert shown.picked() == [3]
    assert [[each["slots"] for each in said] for said in shown.sayings()] == [[[3]], [[3]]]
    shown.tell(stored(3, seq=1))
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")


def test_everything_unanswered_is_said_together_and_in_order(shown: Bare):
    shown.page.keyboard.press("f")
    shown.pick(4).focus()
    shown.page.keyboard.press("f")
    shown.pick(6).click()
    stars = shown.root.locator('.star[aria-pressed="true"]')
    expect(stars).to_have_count(2)
    last = shown.sayings()[-1]
    assert [(each["kind"], each.get("slot")) for each in last] == [
        ("favourite", 0),
        ("favourite", 4),
        ("picks", None),
    ]
    first = message()["tiles"]
    first[0]["favourite"] = True
    shown.tell(later(tiles=first, answered=last[0]["seq"]))
    expect(stars).to_have_count(2)
    expect(shown.root.locator('.star[data-saved="true"]')).to_have_count(1)
    shown.pick(6).click()
    assert [each["kind"] for each in shown.sayings()[-1]] == ["favourite", "picks"]


def test_a_star_says_what_is_wanted(shown: Bare):
    shown.page.keyboard.press("f")
    shown.page.keyboard.press("f")
    assert [action["star"] for action in shown.actions()] == [True, False]


def test_a_star_the_server_refuses_goes_out(shown: Bare):
    shown.page.keyboard.press("f")
    expect(shown.root.locator('.star[aria-pressed="true"]')).to_have_count(1)
    expect(shown.root.locator('.star[data-saved="true"]')).to_have_count(0)
    shown.tell(later(answered=shown.answer()))
    expect(shown.root.locator('.star[aria-pressed="true"]')).to_have_count(0)


def test_a_star_without_any_answer_goes_out_and_the_page_says_so(timed: Bare):
    timed.page.keyboard.press("f")
    timed.page.clock.run_for(15_100)
    expect(timed.root.locator('.star[aria-pressed="true"]')).to_have_count(0)
    expect(timed.status).to_have_text("No answer yet. Please try again.")
