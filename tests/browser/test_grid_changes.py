"""From one grid to the next: nothing moves before all is there, and nothing hangs."""

from playwright.sync_api import expect

from tests.browser.bare_grid import COUNT, SHARP, SITE, Bare, later, message, saved


def test_an_answer_reloads_no_picture(shown: Bare):
    requests: list[str] = []
    shown.page.on("request", lambda request: requests.append(request.url))
    shown.page.evaluate(
        "() => { window.before = [...document.querySelector('#host').shadowRoot"
        ".querySelectorAll('.picture img')] }"
    )
    shown.pick(3).click()
    shown.tell(later(saved=saved(3, seq=1), status="Saved."))
    same = shown.page.evaluate(
        "() => [...document.querySelector('#host').shadowRoot.querySelectorAll('.picture img')]"
        ".map((image, index) => image === before[index])"
    )
    assert same == [True] * COUNT
    assert requests == []


def test_the_late_cleanup_of_an_older_call_does_not_end_the_grid(shown: Bare):
    shown.tell(later(status="Twice."))
    shown.page.evaluate("() => cleanups[0]()")
    shown.page.keyboard.press("r")
    assert [action["kind"] for action in shown.actions()] == ["reroll"]


def test_after_the_end_no_key_is_heard(shown: Bare):
    shown.tell(later(status="Twice."))
    shown.page.evaluate("() => cleanups.forEach((cleanup) => cleanup())")
    shown.page.keyboard.press("r")
    assert shown.actions() == []


def test_many_messages_leave_one_listener(shown: Bare):
    for turn in range(5):
        shown.tell(later(status=str(turn)))
    shown.page.keyboard.press("Space")
    assert len(shown.picks()) == 1


def test_evolve_freezes_the_grid_until_the_next_is_shown(shown: Bare):
    shown.pick(3).click()
    shown.button("evolve").click()
    expect(shown.root).to_have_attribute("data-busy", "true")
    expect(shown.root.locator(".progress")).to_be_visible()
    expect(shown.status).to_have_text("Breeding the next pictures…")
    for act in ("evolve", "back", "forward", "reroll"):
        expect(shown.button(act)).to_have_attribute("aria-disabled", "true")
    shown.pick(5).click()
    shown.page.keyboard.press("Enter")
    assert shown.picked() == [3]
    assert len(shown.picks()) == 1
    assert [action["slots"] for action in shown.actions()] == [[3]]
    shown.show(message("g2", answered=shown.answer()))
    expect(shown.root).to_have_attribute("data-busy", "false")
    expect(shown.root).to_have_attribute("data-number", "2")
    assert shown.picked() == []


def test_the_answer_to_a_pick_does_not_thaw_a_grid_that_evolves(shown: Bare):
    shown.pick(3).click()
    shown.button("evolve").click()
    shown.tell(later(saved=saved(3, seq=1), status="Saved."))
    expect(shown.pick(3)).to_have_attribute("data-saved", "true")
    expect(shown.root).to_have_attribute("data-busy", "true")


def test_an_action_answered_without_a_new_grid_thaws(shown: Bare):
    shown.pick(3).click()
    shown.button("evolve").click()
    shown.tell(later(answered=shown.answer(), status="Nothing could be bred."))
    expect(shown.root).to_have_attribute("data-busy", "false")
    expect(shown.status).to_have_text("Nothing could be bred.")
    assert shown.picked() == [3]


def test_without_any_answer_the_grid_thaws_after_fifteen_seconds(timed: Bare):
    timed.button("evolve").click()
    timed.page.clock.run_for(14_900)
    expect(timed.root).to_have_attribute("data-busy", "true")
    timed.page.clock.run_for(200)
    expect(timed.root).to_have_attribute("data-busy", "false")
    expect(timed.status).to_have_text("No answer yet. Please try again.")


def test_the_old_grid_stays_until_every_new_picture_is_decoded(shown: Bare):
    slow, held = shown.hold_a_picture("g2")
    with shown.page.expect_request(f"{SITE}/slow.svg"):
        shown.tell(slow)
    expect(shown.root).to_have_attribute("data-decoded", "false")
    expect(shown.root).to_have_attribute("data-generation", "g1")
    held[0].fulfill(body=SHARP, content_type="image/svg+xml")
    expect(shown.root).to_have_attribute("data-generation", "g2")
    assert shown.page.evaluate("() => shown") == ["g1", "g2"]
    ready = shown.page.evaluate(
        "() => [...document.querySelector('#host').shadowRoot.querySelectorAll('.picture img')]"
        ".every((image) => image.complete && image.naturalWidth > 0)"
    )
    assert ready


def test_a_picture_that_cannot_be_had_holds_nobody_up(bare: Bare):
    broken = message()
    broken["inline"]["g1-2"] = "data:image/png;base64,AAAA"
    broken["tiles"][2]["url"] = f"{SITE}/absent.jpg"
    bare.page.on("console", lambda line: None)
    bare.show(broken)
    expect(bare.root.locator('.tile[data-broken="true"]')).to_have_count(1)
    bare.pick(2).click()
    assert bare.picked() == [2]


def test_the_moment_of_showing_and_of_the_press_can_be_measured(shown: Bare):
    shown.pick(1).click()
    shown.button("evolve").click()
    shown.show(message("g2"))
    names = shown.page.evaluate("() => performance.getEntriesByType('mark').map((m) => m.name)")
    assert names == ["breeder:shown:g1", "breeder:action:evolve", "breeder:shown:g2"]
    assert shown.page.evaluate("() => shown") == ["g1", "g2"]


def test_evolve_with_nothing_picked_asks_for_other_children(shown: Bare):
    expect(shown.button("evolve")).to_have_text("Other children")
    shown.button("evolve").click()
    assert [action["kind"] for action in shown.actions()] == ["reroll"]


def test_an_end_of_the_road_is_not_asked_for(bare: Bare):
    bare.show(message(can_back=False, can_forward=False))
    for key in ("z", "y"):
        bare.page.keyboard.press(key)
    bare.button("back").click(force=True)
    assert bare.actions() == []
