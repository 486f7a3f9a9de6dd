// The autopilot of breeder, a Streamlit component (v2): its controls, and a film strip of what it bred.
//
// The strip is read from the server for the grid shown, so it is the same after a reload and next
// week. How far an autopilot is belongs to the run: every tab on it asks, and shows the same.

const LOOK_EVERY = 500; // ms, while one is under way
const FRAME = 160; // px of the pictures that are fetched

const TAB = Symbol.for("breeder.autopilot");
/** What this tab has chosen and started; outlives a remount. */
const tabOf = (globalThis[TAB] ??= { open: false, count: 0, novelty: -1, mine: null });

export default function strip(component) {
  return live(component, ".autopilot", Autopilot);
}

class Autopilot {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null;
    this.flight = null; // as the server told last
    this.frames = [];
    this.stop = ""; // the frame in the tab order
    this.isStarting = false; // whether a start was asked for that no answer has shown yet
    this.outbox = new Outbox(() => this.paint());
    const part = (name) => root.querySelector(`.${name}`);
    this.parts = { template: root.querySelector("template") };
    for (const name of ["opener", "said", "track", "done", "form", "range", "count", "novelty"]) {
      this.parts[name] = part(name);
    }
    for (const name of ["start", "words", "film", "frames", "live", "dial"]) this.parts[name] = part(name);
    this.parts.there = root.querySelector('[data-act="there"]');
    this.parts.halt = root.querySelector('[data-act="stop"]');
    this.parts.frames.replaceChildren();
    this.listen();
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    const on = (target, type, does) => target.addEventListener(type, does, { signal });
    const { root, parts } = this;
    on(root, "click", (event) => this.onClick(event));
    on(root, "keydown", (event) => this.onKey(event));
    for (const type of ["keypress", "keyup"]) on(root, type, silenceTyping);
    on(parts.form, "submit", (event) => this.onStart(event));
    on(parts.range, "input", () => this.setCount(parts.range.value));
    on(parts.count, "input", () => this.setCount(parts.count.value, { typing: true }));
    on(parts.count, "change", () => this.setCount(parts.count.value));
    on(parts.novelty, "input", () => (tabOf.novelty = Number(parts.novelty.value)));
    on(document, "visibilitychange", () => document.hidden || this.look());
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    const before = this.data;
    this.data = data;
    this.outbox.hear(data);
    makeReadable(this.root);
    if (!before) this.begin();
    if (before?.run !== data.run) this.forget();
    if (before?.generation !== data.generation || before?.run !== data.run) this.readStrip();
    if (!before || before.run !== data.run || this.isStarting) this.look();
    this.paint();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.gone = true;
    this.ending.abort();
    clearTimeout(this.timer);
    this.outbox.close();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  begin() {
    const { range, count, novelty } = this.parts;
    for (const field of [range, count]) field.max = this.data.most;
    novelty.max = this.data.steps;
    if (!tabOf.count) tabOf.count = this.data.usual;
    if (tabOf.novelty < 0) tabOf.novelty = this.data.novelty;
    novelty.value = tabOf.novelty;
    this.setCount(tabOf.count);
  }

  forget() {
    this.flight = null;
    this.frames = [];
    this.isStarting = false;
  }

  // What the server knows --------------------------------------------------------------------

  get underWay() {
    return ["waiting", "breeding"].includes(this.flight?.state) || this.isStarting;
  }

  /** Asks how far the autopilot of the run is, again and again while one is under way. */
  async look() {
    const { run } = this.data;
    clearTimeout(this.timer);
    const heard = !this.outbox.unanswered.some(({ kind }) => kind === "start");
    const told = await readJson(`/autopilots/${run}.json`);
    if (this.gone || this.data.run !== run) return;
    const before = this.flight;
    if (told !== undefined) this.flight = told; // none, where a server was restarted
    if (this.isStarting) this.noteStart(heard && told !== undefined);
    clearTimeout(this.timer);
    if (this.underWay) this.timer = setTimeout(() => this.look(), LOOK_EVERY);
    const isLost = before && told === null; // with its server; what it bred is there
    if (isLost || this.flight?.last !== before?.last) await this.readStrip();
    if (this.gone) return;
    this.announce(before);
    this.paint();
    this.follow();
  }

  /** Notes the flight that this tab asked for, or that it was refused: the page says why. */
  noteStart(heard) {
    const { mine } = tabOf;
    if (this.flight && this.flight.token !== mine.before) mine.token = this.flight.token;
    else if (heard) tabOf.mine = null;
    else return;
    this.isStarting = false;
  }

  /** Reads the strip of the grid shown. */
  async readStrip() {
    const { generation } = this.data;
    const told = await readJson(`/strips/${generation}.json`);
    if (this.gone || !told || generation !== this.data.generation) return;
    const before = this.frames.length;
    const grown = told.frames.length > before;
    this.frames = told.frames;
    this.layFrames(grown);
    this.paint();
    // Who started it sees it begin, also where it was done before it was first read.
    const isFresh = tabOf.mine?.generation === generation && (before < 2 || this.frames.length < 4);
    if (grown && isFresh) this.root.scrollIntoView({ block: "nearest", behavior: calm() });
  }

  /** Goes to what was bred, when all is, if the person stayed where they started it. */
  follow() {
    const { mine } = tabOf;
    const { flight, data } = this;
    if (!mine || !flight || flight.token !== mine.token || this.underWay) return;
    tabOf.mine = null;
    const stayed = mine.generation === data.generation && mine.picks === String(data.picks);
    if (flight.state === "done" && flight.last && stayed) this.go(flight.last);
    this.paint();
  }

  announce(before) {
    const { flight } = this;
    if (!flight || !before || (flight.done === before.done && flight.state === before.state)) return;
    const said = this.underWay
      ? `Generation ${flight.number} bred, ${flight.done} of ${flight.total}.`
      : this.saidWords();
    setText(this.parts.live, said);
  }

  // What the person does ---------------------------------------------------------------------

  onClick(event) {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "open") this.open(!tabOf.open);
    else if (act === "stop") this.halt();
    else if (act === "there") this.go(this.flight.last);
    else {
      const frame = event.target.closest("[data-frame]");
      if (frame) this.go(frame.dataset.frame);
    }
  }

  onKey(event) {
    if (event.target.matches("input")) event.stopPropagation();
    const frame = event.target.closest("[data-frame]");
    if (event.key === "Escape" && tabOf.open && event.target.closest(".form")) {
      this.open(false);
      this.parts.opener.focus();
    }
    if (!frame) return;
    const at = this.frames.findIndex(({ id }) => id === frame.dataset.frame);
    const last = this.frames.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    event.stopPropagation(); // the grid has keys of its own
    if (to === undefined) return;
    event.preventDefault();
    this.focusFrame(Math.max(0, Math.min(last, to)));
  }

  focusFrame(place) {
    this.stop = this.frames[place].id;
    this.layStops();
    const button = this.buttonOf(this.stop);
    button?.focus({ preventScroll: true });
    this.reveal(button, "smooth");
  }

  setCount(value, { typing = false } = {}) {
    const { range, count } = this.parts;
    const number = Math.round(Number(value));
    const right = number >= 1 && number <= Number(range.max);
    setAttribute(count, "aria-invalid", !right && typing);
    if (right) tabOf.count = number;
    range.value = tabOf.count;
    if (!typing) count.value = tabOf.count;
    this.paintStart(right);
  }

  onStart(event) {
    event.preventDefault();
    if (this.underWay || this.parts.start.disabled) return;
    const { generation, picks } = this.data;
    const novelty = Number(this.parts.novelty.value);
    const before = this.flight?.token ?? "";
    tabOf.mine = { generation, picks: String(picks), token: "", before };
    this.isStarting = true;
    this.outbox.put({ kind: "start", generation, generations: tabOf.count, novelty });
    this.open(false);
    this.parts.opener.focus({ preventScroll: true });
    this.look();
  }

  async halt() {
    this.parts.halt.disabled = true;
    await fetch(`/autopilots/${this.data.run}.json`, { method: "DELETE" }).catch(() => {});
    this.parts.halt.disabled = false;
    this.look();
  }

  go(generation) {
    if (!generation || generation === this.data.generation) return;
    this.outbox.forget((message) => message.kind === "go");
    this.outbox.put({ kind: "go", generation });
    this.paint();
  }

  open(on) {
    tabOf.open = on;
    this.paint();
    if (on) this.parts.range.focus();
  }

  // Drawing ----------------------------------------------------------------------------------

  /** The grid shown, or the one that was asked for. */
  get here() {
    const asked = this.outbox.unanswered.findLast((message) => message.kind === "go");
    return asked?.generation ?? this.data.generation;
  }

  paint() {
    if (!this.data || this.gone) return;
    const { parts, flight, root } = this;
    const under = this.underWay;
    root.dataset.state = under ? "breeding" : (flight?.state ?? "idle");
    root.dataset.open = String(tabOf.open);
    setAttribute(parts.opener, "aria-expanded", tabOf.open);
    parts.form.hidden = !tabOf.open;
    parts.halt.hidden = !under || this.isStarting;
    setText(parts.said, this.saidWords());
    setText(parts.words, this.data.words);
    parts.dial.hidden = !this.data.by_taste;
    this.paintTrack(under);
    this.paintStart(true);
    const ended = !under && flight?.last && tabOf.mine?.token !== flight.token;
    const there = ended && flight.last !== this.here;
    parts.there.hidden = !there;
    if (there) setText(parts.there, `Go to generation ${flight.number}`);
    this.paintFrames(under);
  }

  paintTrack(under) {
    const { track, done } = this.parts;
    track.hidden = !under;
    const share = under && !this.isStarting && this.flight ? this.flight.done / this.flight.total : 0;
    setAttribute(track, "aria-valuemax", this.flight?.total ?? 1);
    setAttribute(track, "aria-valuenow", this.flight?.done ?? 0);
    done.style.transform = `translateX(${100 * share - 100}%)`;
  }

  paintStart(right) {
    const { start } = this.parts;
    start.disabled = !right || this.underWay;
    setText(start, `Breed ${tabOf.count} ${plural(tabOf.count, "generation")}`);
  }

  saidWords() {
    const { flight } = this;
    if (this.isStarting) return "Starting …";
    if (!flight) return this.frames.length ? "" : "Breeds some generations for you.";
    const bred = `${flight.done} of ${flight.total}`;
    switch (flight.state) {
      case "waiting":
        return flight.ahead ? `Waits for ${flight.ahead} before it` : "Next in line";
      case "breeding": {
        const left = flight.seconds_left == null ? "" : `, ${timeLeft(flight.seconds_left)} left`;
        return flight.done ? `${bred} bred${left}` : "Breeding …";
      }
      case "done":
        return `Bred ${flight.total} ${plural(flight.total, "generation")}.`;
      case "cancelled":
        return flight.done ? `Stopped after ${bred}.` : "Stopped before it had bred any.";
      default:
        return flight.done ? `Ended after ${bred}: ${flight.message}` : flight.message;
    }
  }

  /** Makes the frames match; a frame stays the same element while its grid does. */
  layFrames(grown) {
    const { frames: list, film } = this.parts;
    const atEnd = list.scrollWidth - list.scrollLeft - list.clientWidth < 120;
    const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
    const wanted = this.frames.map((frame) => known.get(keyOf(frame)) ?? this.newFrame(frame));
    for (const [key, item] of known) {
      if (!this.frames.some((frame) => keyOf(frame) === key)) item.remove();
    }
    wanted.forEach((item, place) => {
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
    film.hidden = !this.frames.length;
    if (!this.frames.some(({ id }) => id === this.stop)) this.stop = "";
    this.layStops();
    const here = this.buttonOf(this.data.generation);
    if (grown && this.underWay && atEnd) list.scrollTo({ left: list.scrollWidth, behavior: calm() });
    else if (!grown || !atEnd || !this.underWay) this.reveal(here, "instant");
  }

  newFrame(frame) {
    const item = this.parts.template.content.firstElementChild.cloneNode(true);
    item.dataset.key = keyOf(frame);
    if (frame.by_hand) {
      item.dataset.gap = String(frame.by_hand);
      item.style.setProperty("--gap-words", `"${frame.by_hand}"`);
    }
    const button = item.querySelector("button");
    button.dataset.frame = frame.id;
    button.dataset.automatic = String(frame.automatic);
    setText(item.querySelector(".number"), frame.number);
    item.querySelector(".pictures").append(
      ...frame.pictures.map((id) =>
        Object.assign(new Image(), {
          alt: "",
          loading: "lazy",
          draggable: false,
          src: sized(`/picture/${id}.jpg`, FRAME),
        }),
      ),
    );
    return item;
  }

  paintFrames(under) {
    const { here } = this;
    this.parts.film.dataset.growing = String(under && !this.isStarting);
    for (const { id, number, automatic, by_hand: byHand } of this.frames) {
      const button = this.buttonOf(id);
      if (!button) continue;
      const current = id === here;
      if (current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      const how = automatic ? "bred by the autopilot" : "where the autopilot began";
      const gap = byHand ? `, after ${byHand} ${plural(byHand, "grid")} bred by hand` : "";
      const words = `Generation ${number}, ${how}${gap}${current ? ", shown above" : ""}`;
      setAttribute(button, "aria-label", words);
      button.title = current ? words : `${words}: go there`;
    }
  }

  layStops() {
    const shown = this.frames.some(({ id }) => id === this.here) ? this.here : this.frames.at(-1)?.id;
    const stop = this.stop || shown;
    for (const { id } of this.frames) {
      setAttribute(this.buttonOf(id), "tabindex", id === stop ? 0 : -1);
    }
  }

  buttonOf(id) {
    return this.parts.frames.querySelector(`[data-frame="${CSS.escape(id)}"]`);
  }

  /** Brings a frame into view along the strip, and leaves the page where it is. */
  reveal(button, behavior) {
    const { frames: list } = this.parts;
    if (!button || !list.clientWidth) return;
    const [frame, strip] = [button.getBoundingClientRect(), list.getBoundingClientRect()];
    const off = frame.left + frame.width / 2 - strip.left - strip.width / 2;
    list.scrollBy({ left: off, behavior: behavior === "smooth" ? calm() : behavior });
  }
}

function keyOf({ id, pictures, by_hand: byHand }) {
  return `${id} ${pictures.join(" ")} ${byHand}`;
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
}

function timeLeft(seconds) {
  return seconds < 60 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}

/** The JSON of an address, or undefined when it cannot be had. */
async function readJson(address) {
  try {
    const answer = await fetch(address, { cache: "no-store" });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}
