// Two pictures, one key: a Streamlit component (v2). components.py puts shared.js and outbox.js
// before it.
//
// The next pairs and their pictures are here before they are needed, so an answer shows the next
// two at once; it is said until the server has it (outbox.js), under an identity of its own, by
// which an answer that is told twice counts once.

const FEEDBACK = 130; // ms in which the chosen picture is seen chosen, and no other key is taken
const LOAD_WITHIN = 12_000; // ms for a picture to load
const ASK_SOON = 60; // ms without a pair to show; each time in vain twice as long
const ASK_AGAIN_AFTER = 700; // ms with too few to come
const ASK_AT_MOST_EVERY = 15_000;
const SHARPEN_AFTER = 300; // ms a pair stays before sharper pictures are asked for
const PAST = 200; // answers that can be taken back

const past = []; // {pair, token}: what was answered or left, oldest first; outlives a remount
const done = new Set(); // pairs that are not to be shown again, by identity
const unsaidAnswers = []; // what was not stored yet when the component was taken from the page
const decodedPictures = new Map(); // genome id -> promise of an image, oldest first

const KEYS = {
  ArrowLeft: "left", a: "left", "1": "left",
  ArrowRight: "right", b: "right", "2": "right",
  n: "skip",
  z: "back", Backspace: "back",
};

export default function ab(component) {
  return live(component, ".ab", Comparing);
}

class Comparing {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null;
    this.pair = null; // shown
    this.images = [null, null];
    this.again = []; // pairs to be shown before those of the server: what was taken back
    this.chosen = null; // the side just chosen, while it is seen
    this.vain = 0; // times that pairs were asked for since there were enough
    this.note = "";
    this.said = ""; // what a screen reader is told before the next two pictures
    this.timers = { swap: 0, more: 0, sharpen: 0 };
    const find = (name) => root.querySelector(name);
    this.sides = [...root.querySelectorAll(".side")].map((frame) => ({
      frame,
      choose: frame.querySelector(".choose"),
      open: frame.querySelector(".open"),
      picture: frame.querySelector(".picture"),
    }));
    this.parts = {
      tally: find(".tally"),
      pair: find(".pair"),
      status: find(".status"),
      live: find(".live"),
      back: find('[data-act="back"]'),
      skip: find('[data-act="skip"]'),
    };
    this.outbox = new Outbox(() => this.paint(), unsaidAnswers.splice(0));
    this.listen();
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    this.root.addEventListener("click", (event) => this.onClick(event), { signal });
    // Capture on the window: Streamlit hears keys too.
    const onKey = (event) => this.onKey(event);
    window.addEventListener("keydown", onKey, { signal, capture: true });
    this.resizing = new ResizeObserver(() => this.layOut());
    this.resizing.observe(this.root);
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    this.data = data;
    for (const [id, address] of Object.entries(data.inline ?? {})) {
      if (String(address).startsWith("data:image/")) keepPicture(id, decodePicture(address));
    }
    this.outbox.hear(data);
    this.preload();
    if (!this.pair) this.next();
    this.paint();
    this.askForMore();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    this.resizing.disconnect();
    Object.values(this.timers).forEach(clearTimeout);
    unsaidAnswers.push(...this.outbox.close().filter(({ kind }) => kind !== "more"));
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // Pairs ------------------------------------------------------------------------------------

  /** The pairs to come, the next one first. */
  get coming() {
    const fresh = (this.data?.pairs ?? []).filter(({ id }) => !done.has(id) && id !== this.pair?.id);
    return [...this.again, ...fresh];
  }

  preload() {
    for (const { left, right } of this.coming.slice(0, 3)) {
      picture(left);
      picture(right);
    }
  }

  /** Shows the next pair, when both its pictures are there. */
  async next() {
    const pair = this.coming[0] ?? null;
    if (pair) this.again = this.again.filter(({ id }) => id !== pair.id);
    this.pair = pair;
    this.chosen = null;
    this.images = [null, null];
    this.root.dataset.pair = "";
    this.paint();
    if (!pair) return this.askForMore();
    const images = await Promise.all([picture(pair.left), picture(pair.right)]);
    if (this.pair !== pair) return; // another one came meanwhile
    this.images = images;
    this.sides.forEach(({ picture: frame, frame: side }, index) => {
      frame.replaceChildren(...(images[index] ? [images[index]] : []));
      side.dataset.broken = String(!images[index]);
    });
    this.root.dataset.pair = pair.id;
    this.paint();
    this.announce();
    this.preload();
    clearTimeout(this.timers.sharpen);
    this.timers.sharpen = setTimeout(() => this.sharpen(pair), SHARPEN_AFTER);
  }

  /** Asks the server for pairs where none is left: they may have been in the making. */
  askForMore() {
    clearTimeout(this.timers.more);
    if (this.coming.length > 1) this.vain = 0;
    if (this.coming.length > 1 || !this.data) return;
    const wait = (this.pair ? ASK_AGAIN_AFTER : ASK_SOON) * 2 ** this.vain;
    this.timers.more = setTimeout(() => {
      if (this.outbox.unanswered.length || this.coming.length > 1) return;
      this.vain += 1;
      this.outbox.put({ kind: "more" });
    }, Math.min(wait, ASK_AT_MOST_EVERY));
  }

  async sharpen(pair) {
    const width = this.sides[0].picture.offsetWidth * devicePixelRatio;
    if (width <= 560) return;
    const size = width > 800 ? 1024 : 768;
    await Promise.all(
      [pair.left, pair.right].map(async ({ url }, index) => {
        const image = await decodePicture(sized(url, size));
        if (image && this.pair === pair) this.sides[index].picture.replaceChildren(image);
      }),
    );
  }

  // What the person does ---------------------------------------------------------------------

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || isTyping(event) || document.querySelector('dialog[open], [role="dialog"]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) this.act(act);
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    const side = this.sides.findIndex(({ frame }) => frame.contains(button));
    if (side < 0) this.act(button.dataset.act);
    else if (button.matches(".choose")) this.act(side ? "right" : "left");
    else this.openLarge(side);
  }

  act(kind) {
    if (this.chosen !== null) return;
    if (kind === "back") this.back();
    else if (!this.ready) return;
    else if (kind === "skip") this.skip();
    else this.choose(kind === "right" ? 1 : 0);
  }

  /** Whether two pictures are shown. */
  get ready() {
    return Boolean(this.pair) && this.root.dataset.pair === this.pair.id;
  }

  choose(preferred) {
    const { pair } = this;
    const token = newToken();
    const [left, right] = [pair.left.id, pair.right.id];
    this.outbox.put(
      { kind: "answer", pair: pair.id, token, left, right, preferred },
      { forEver: true },
    );
    this.leave(token);
    this.chosen = preferred;
    this.note = "";
    this.paint();
    this.said = `${preferred ? "B" : "A"}. ${answersSaid(this.count)}.`;
    this.timers.swap = setTimeout(() => this.next(), FEEDBACK);
  }

  skip() {
    this.outbox.put({ kind: "skip", pair: this.pair.id }, { forEver: true });
    this.leave("");
    this.note = "";
    this.said = "Neither.";
    this.next();
  }

  leave(token) {
    done.add(this.pair.id);
    past.push({ pair: this.pair, token });
    if (past.length > PAST) past.shift();
  }

  back() {
    const last = past.pop();
    if (!last) return;
    if (last.token) this.outbox.put({ kind: "back", token: last.token }, { forEver: true });
    if (this.pair) this.again.unshift(this.pair);
    this.again.unshift(last.pair);
    done.delete(last.pair.id);
    this.pair = null;
    this.note = last.token ? "Taken back. Which do you like better?" : "";
    this.said = this.note || "Back.";
    this.next();
  }

  openLarge(side) {
    if (!this.ready) return;
    const { id } = side ? this.pair.right : this.pair.left;
    this.outbox.put({ kind: "open", id });
  }

  // Drawing ----------------------------------------------------------------------------------

  layOut() {
    setAttribute(this.root, "data-narrow", this.root.clientWidth < 560);
  }

  paint() {
    const { parts, data, pair, ready, chosen } = this;
    if (!data) return;
    this.sides.forEach(({ frame, choose, open }, index) => {
      const letter = index ? "B" : "A";
      const words = (pair && (index ? pair.right : pair.left).words) || "";
      setAttribute(choose, "aria-label", words ? `${letter}: ${words}` : `Picture ${letter}`);
      setAttribute(open, "aria-label", `Open ${letter} large`);
      setAttribute(choose, "aria-disabled", !ready);
      setAttribute(frame, "data-chosen", chosen === index);
      setAttribute(frame, "data-left", chosen !== null && chosen !== index);
    });
    setAttribute(parts.pair, "aria-busy", !ready);
    setAttribute(parts.back, "aria-disabled", !past.length);
    setAttribute(parts.skip, "aria-disabled", !ready);
    setAttribute(this.root, "data-answers", data.answers);
    setText(parts.tally, this.tally);
    const trouble = this.troubleLine;
    const waiting = pair ? "" : "Looking for two pictures to compare…";
    setText(parts.status, trouble || this.note || waiting);
    setAttribute(parts.status, "data-trouble", Boolean(trouble));
  }

  /** The answers, with those on their way. */
  get count() {
    const { unanswered } = this.outbox;
    const way = (kind) => unanswered.filter((message) => message.kind === kind).length;
    return Math.max(0, (this.data?.answers ?? 0) + way("answer") - way("back"));
  }

  get tally() {
    const { tally } = this.data;
    return [answersSaid(this.count), ...(tally ? [tally] : [])].join(" · ");
  }

  get troubleLine() {
    const { connected, late } = this.outbox;
    const count = this.outbox.unanswered.filter(({ kind }) => kind !== "more").length;
    const wait = count === 1 ? "waits" : "wait";
    const waiting = `${count} ${plural(count, "answer")} ${wait} to be stored.`;
    if (!connected) {
      return `Not connected: ${count ? waiting : "what you answer waits until the server is back."}`;
    }
    return count && late ? `Not stored yet: ${waiting}` : "";
  }

  announce() {
    const names = this.sides.map(({ choose }) => `${choose.getAttribute("aria-label")}.`);
    this.parts.live.textContent = [this.said, ...names].join(" ").trim();
  }
}

// Small things -------------------------------------------------------------------------------

function answersSaid(count) {
  return count ? `${count} ${plural(count, "answer")}` : "No answers yet";
}

/** 32 hexadecimal digits that nobody has used. */
function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether a key belongs to a field or a control that it moves. */
function isTyping(event) {
  const target = event.composedPath()[0];
  return (
    target instanceof Element &&
    (target.isContentEditable ||
      target.closest(`input, textarea, select, [role="slider"], [role="tab"], [role="radio"],
        [role="menu"], [role="listbox"]`))
  );
}

/** The decoded image of a picture of a pair, or null when it cannot be had. */
function picture({ id, url }) {
  if (!decodedPictures.has(id)) keepPicture(id, decodePicture(sized(url, 512)));
  const kept = decodedPictures.get(id);
  return kept.then((image) => {
    if (!image) decodedPictures.delete(id); // tried again when it is shown again
    return image;
  });
}

function keepPicture(id, image) {
  decodedPictures.delete(id);
  decodedPictures.set(id, image);
  for (const old of decodedPictures.keys()) {
    if (decodedPictures.size <= 32) break;
    decodedPictures.delete(old);
  }
}

async function decodePicture(address) {
  const image = new Image();
  image.alt = "";
  image.draggable = false;
  image.src = address;
  let timer = 0;
  const late = new Promise((_, fail) => (timer = setTimeout(fail, LOAD_WITHIN)));
  try {
    await Promise.race([image.decode(), late]);
    return image;
  } catch {
    return null; // the side says so
  } finally {
    clearTimeout(timer);
  }
}
