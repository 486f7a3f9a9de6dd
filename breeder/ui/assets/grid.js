// The picture grid of breeder, a Streamlit component (v2). No dependencies, no build: components.py
// puts shared.js, outbox.js and the parts grid_*.js before it.
//
// A pick is drawn at once and said as the whole set; it is drawn as *taken* once the server's
// `saved` confirms it, and said again while that does not come (outbox.js).
// Names and status lines come from people: they are only ever set as text.

const LEAST_TILE = 112; // CSS px
const ROOM = { little: 0, some: 800, much: 1000 }; // CSS px of the toolbar, from which on
const DOUBLE_PRESS = 400; // ms; a second Enter this soon is one press too many

const WAITING = {
  evolve: "Breeding the next pictures…",
  reroll: "Breeding other children…",
  surprise: "Looking for what you have not seen…",
  back: "Going back…",
  forward: "Going forward…",
};
const NO_ANSWER = "No answer yet. Please try again.";
const BADGES = {
  kept: "Kept",
  founder: "Founder",
  wild: "Wild",
  guided: "Guided",
  new: "New",
  refined: "Refined",
};
const TILE_ACTS = { pick: "pick", star: "favourite", open: "open", why: "why" };
const PARTS_OF_A_TILE = ["pick", "star", "open", "badge", "picture", "why", "reason"];

const unsaid = []; // picks that a grid was still saying when it was taken from the page

export default function grid(component) {
  return live(component, ".breeder", Grid);
}

class Grid {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null; // the newest message
    this.shown = null; // the newest message about the grid shown
    this.generation = ""; // shown
    this.arriving = ""; // being decoded, to be shown next
    this.selection = new Selection("");
    this.stars = new Map(); // slot -> {value, seq}: stars the server has not answered
    this.tiles = []; // {frame, pick, star, open, badge, ..., id, size}
    this.current = 0; // index of the one tile in the tab order
    this.columns = 5;
    this.frozen = null; // {kind, seq} while an action is under way
    this.note = ""; // a line of our own over the server's status
    this.unstored = false; // whether the server has answered picks without storing them
    this.trouble = ""; // as painted last
    this.bredAt = -Infinity; // when Evolve was pressed last, ms
    this.pressed = null; // what was shown when the pointer went down
    this.timers = { frozen: 0, store: 0 };
    this.outbox = new Outbox((gaveUp) => this.onOutbox(gaveUp), unsaid.splice(0));
    this.keys = new Keys(this);
    this.reasons = new Reasons(this);
    this.sharpener = new Sharpener(this);
    this.parts = {
      grid: root.querySelector(".grid"),
      toolbar: root.querySelector(".toolbar"),
      primary: root.querySelector(".primary"),
      label: root.querySelector(".primary-label"),
      number: root.querySelector(".number"),
      status: root.querySelector(".status"),
      taste: root.querySelector(".taste"),
      progress: root.querySelector(".progress"),
      live: root.querySelector(".live"),
      keys: root.querySelector(".keys"),
      template: root.querySelector(".tile-template"),
    };
    this.parts.grid.replaceChildren();
    this.listen();
    newest = this;
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    this.root.addEventListener("pointerdown", () => this.onPress(), { signal });
    this.root.addEventListener("click", (event) => this.onClick(event), { signal });
    this.root.addEventListener("focusin", (event) => this.onFocus(event), { signal });
    // Capture on the window: Streamlit hears keys too, and reruns the whole app for R.
    const onKey = (event) => this.keys.hear(event);
    window.addEventListener("keydown", onKey, { signal, capture: true });
    this.root.addEventListener("keyup", preventSpaceClick, { signal });
    this.resizing = new ResizeObserver(() => this.layOut());
    this.resizing.observe(this.root);
    this.resizing.observe(this.parts.toolbar); // as wide as the window's height allows
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    const before = this.data;
    this.data = data;
    remember(data.inline);
    this.colour();
    this.outbox.hear(data);
    if (data.generation === this.generation) this.refresh(before);
    else if (data.generation !== this.arriving) this.arrive();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    this.resizing.disconnect();
    Object.values(this.timers).forEach(clearTimeout);
    this.sharpener.stop();
    this.arriving = "";
    unsaid.push(...this.outbox.close().filter((message) => message.kind === "picks"));
    if (this.selection.pending) unfinished.set(this.generation, this.selection);
    if (newest === this) newest = null;
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // A new grid -------------------------------------------------------------------------------

  /** Decodes every picture of the newest message, then shows them together. */
  async arrive() {
    const { generation } = this.data;
    this.arriving = generation;
    this.root.dataset.decoded = "false";
    if (!this.tiles.length) this.layTiles(this.data.tiles); // quiet squares until then
    this.paint();
    const images = await Promise.all(this.data.tiles.map((tile) => load(tile)));
    if (this.arriving !== generation) return; // a newer one came, or the page went
    this.swap(images);
  }

  swap(images) {
    const { data } = this;
    this.arriving = "";
    this.shown = data;
    this.generation = data.generation;
    this.startSelection();
    this.stars.clear();
    this.reasons.forget();
    this.note = "";
    this.unfreeze();
    this.layTiles(data.tiles);
    this.tiles.forEach((tile, index) => place(tile, data.tiles[index].id, images[index]));
    this.root.dataset.generation = data.generation;
    this.root.dataset.number = String(data.number);
    this.root.dataset.decoded = "true";
    const label = `Generation ${data.number}, ${data.tiles.length} pictures`;
    this.parts.grid.setAttribute("aria-label", label);
    this.paint();
    this.announce(data.status ? `${label}. ${data.status}` : label);
    performance.mark(`breeder:shown:${data.generation}`);
    const detail = { generation: data.generation, number: data.number };
    this.root.dispatchEvent(
      new CustomEvent("breeder:shown", { bubbles: true, composed: true, detail }),
    );
    this.sharpener.soon();
    this.keys.catchUp();
  }

  startSelection() {
    this.selection = unfinished.get(this.generation) ?? new Selection(this.generation);
    unfinished.clear();
    this.unstored = false;
    this.selection.confirm(this.data.saved, this.data.ear);
    if (this.selection.pending && !this.isSaying(this.selection)) this.sayPicks(this.selection);
    this.checkStored();
  }

  // The same grid, told again ----------------------------------------------------------------

  refresh(before) {
    const { data } = this;
    this.arriving = "";
    this.shown = data;
    this.root.dataset.decoded = "true";
    this.selection.confirm(data.saved, data.ear);
    if (!this.selection.pending) this.unstored = false;
    this.settleStars();
    if (this.frozen && !this.isUnanswered(this.frozen.seq)) this.unfreeze();
    if (!this.frozen) this.keys.forget(); // the grid they waited for does not come
    this.layTiles(data.tiles);
    this.replaceChanged();
    this.paint();
    if (data.status && data.status !== before?.status) this.announce(data.status);
  }

  /** Pictures that changed within a generation are swapped one by one, each when decoded. */
  replaceChanged() {
    this.data.tiles.forEach(async (wanted, index) => {
      const tile = this.tiles[index];
      if (tile.id === wanted.id || tile.coming === wanted.id) return;
      tile.coming = wanted.id;
      const image = await load(wanted);
      if (tile.coming === wanted.id) place(tile, wanted.id, image);
    });
  }

  // Drawing ----------------------------------------------------------------------------------

  /** Makes the tile elements match in number; the elements themselves stay, and keep the focus. */
  layTiles(wanted) {
    while (this.tiles.length > wanted.length) this.tiles.pop().frame.remove();
    while (this.tiles.length < wanted.length) {
      const frame = this.parts.template.content.firstElementChild.cloneNode(true);
      const part = (name) => frame.querySelector(`.${name}`);
      const tile = { frame, id: "", size: 0, coming: "" };
      for (const name of PARTS_OF_A_TILE) tile[name] = part(name);
      this.parts.grid.append(frame);
      this.tiles.push(tile);
    }
    this.current = Math.max(0, Math.min(this.current, wanted.length - 1));
    this.layOut();
  }

  layOut() {
    const wished = Math.max(1, Math.min(this.data?.columns ?? 5, 12));
    const narrow = this.root.clientWidth < 560;
    const count = this.tiles.length;
    this.columns = columnsFor(this.root.clientWidth, narrow ? 8 : 12, wished, count);
    this.root.dataset.narrow = String(narrow);
    const room = Object.keys(ROOM).findLast((name) => this.parts.toolbar.clientWidth >= ROOM[name]);
    this.root.dataset.room = room;
    this.root.style.setProperty("--columns", String(this.columns));
    this.root.style.setProperty("--rows", String(Math.max(1, Math.ceil(count / wished))));
    this.sharpener.soon();
  }

  paint() {
    const { parts, data, root, shown } = this;
    shown?.tiles.forEach((wanted, index) => this.paintTile(this.tiles[index], wanted, index));
    const count = this.selection.slots.length;
    const closed = !this.live;
    root.dataset.busy = String(Boolean(this.frozen));
    parts.grid.setAttribute("aria-busy", String(closed));
    parts.progress.hidden = !this.frozen;
    parts.label.textContent = count ? `Evolve ${count} ${plural(count, "pick")}` : "Other children";
    parts.primary.dataset.ready = String(count > 0);
    parts.primary.title = count
      ? "Breed the next grid from the picks (Enter)"
      : "Nothing picked: other children of the same parents (Enter)";
    this.enable("evolve", !closed);
    this.enable("reroll", !closed);
    this.enable("surprise", !closed);
    this.enable("back", !closed && data.can_back);
    this.enable("forward", !closed && data.can_forward);
    setText(parts.number, `Generation ${data.number}`);
    setText(parts.taste, data.taste ?? "");
    parts.taste.hidden = !data.taste;
    this.paintStatus();
  }

  paintStatus() {
    const { data, frozen, note, parts, troubleLine: trouble } = this;
    const { status } = parts;
    const working = frozen && WAITING[frozen.kind];
    setText(status, trouble || working || note || data.status || "");
    setAttribute(status, "data-trouble", Boolean(trouble));
    if (trouble && trouble !== this.trouble) this.announce(trouble);
    this.trouble = trouble;
  }

  /** One sentence when picks are not stored as soon as they should be; empty if all is well. */
  get troubleLine() {
    const { connected, late } = this.outbox;
    const count = this.unstoredCount;
    const wait = count === 1 ? "waits" : "wait";
    const waiting = `${count} ${plural(count, "pick")} ${wait} to be stored.`;
    if (!connected) {
      return `Not connected: ${count ? waiting : "what you pick waits until the server is back."}`;
    }
    return count && (late || this.unstored) ? `Not stored yet: ${waiting}` : "";
  }

  get unstoredCount() {
    const left = this.outbox.unanswered.filter(
      (message) => message.kind === "picks" && message.generation !== this.generation,
    );
    return left.reduce((sum, { touched }) => sum + touched.length, this.selection.changes.size);
  }

  paintTile(tile, wanted, index) {
    const { slot } = wanted;
    const star = this.stars.get(slot)?.value ?? Boolean(wanted.favourite);
    const badge = BADGES[wanted.badge] ?? "";
    const said = wanted.name.includes(badge.toLowerCase()) ? "" : badge.toLowerCase();
    const extra = [said, star ? "favourite" : ""].filter(Boolean);
    tile.pick.dataset.slot = String(slot);
    tile.pick.tabIndex = index === this.current ? 0 : -1;
    setAttribute(tile.pick, "aria-pressed", this.selection.has(slot));
    setAttribute(tile.pick, "data-saved", this.selection.isTaken(slot));
    setAttribute(tile.pick, "aria-label", [wanted.name, ...extra].join(", "));
    setAttribute(tile.star, "aria-pressed", star);
    setAttribute(tile.star, "data-saved", star && !this.stars.has(slot));
    setAttribute(tile.star, "aria-label", `Favourite: ${wanted.name}`);
    setAttribute(tile.open, "aria-label", `Open large: ${wanted.name}`);
    setText(tile.badge, badge);
    tile.badge.hidden = !badge || Boolean(wanted.why);
    this.reasons.paint(tile, wanted, badge, index);
  }

  enable(act, on) {
    // aria-disabled, not disabled: a disabled button would drop the keyboard's focus
    const button = this.parts.toolbar.querySelector(`[data-act="${act}"]`);
    setAttribute(button, "aria-disabled", !on);
  }

  /** White text must be readable on the accent, whichever primary colour the theme has. */
  colour() {
    const name = getComputedStyle(this.root).getPropertyValue("--accent").trim();
    if (name === this.accent) return;
    this.accent = name;
    const accent = parseColour(name);
    if (!accent) return;
    let shade = accent;
    while (contrastWithWhite(shade) < 4.5) shade = shade.map((channel) => channel * 0.96);
    this.root.style.setProperty("--accent-fill", `rgb(${shade.map(Math.round).join(" ")})`);
  }

  announce(line) {
    this.parts.live.textContent = line;
  }

  // What the person does ---------------------------------------------------------------------

  /** Whether the pictures that are shown may be picked. */
  get open() {
    return Boolean(this.generation) && !this.frozen;
  }

  /** Whether actions are open too: no other grid is on its way. */
  get live() {
    return this.open && !this.arriving;
  }

  onPress() {
    const { selection, shown, open } = this;
    this.pressed = { selection, shown, open };
  }

  onClick(event) {
    const button = event.target.closest("button");
    const index = this.tiles.findIndex((tile) => tile.frame.contains(button));
    if (!button) {
      if (event.target === this.parts.keys) this.parts.keys.close(); // the backdrop
    } else if (index >= 0) {
      this.moveTo(index, !button.matches(".pick")); // Safari does not focus a clicked button
      const act = TILE_ACTS[button.classList[0]];
      const pressed = event.detail > 0 ? this.pressed : null;
      if (!pressed || pressed.selection === this.selection) this.act(act, index);
      else if (act === "pick" && pressed.open) this.pickLate(pressed, index);
    } else if (button.dataset.act && button.getAttribute("aria-disabled") !== "true") {
      this.act(button.dataset.act);
    }
  }

  onFocus(event) {
    const index = this.tiles.findIndex((tile) => tile.pick === event.target);
    if (index >= 0) this.moveTo(index, true);
  }

  moveTo(index, keepFocus = false) {
    this.current = index;
    this.tiles.forEach((tile, at) => (tile.pick.tabIndex = at === index ? 0 : -1));
    if (!keepFocus) this.tiles[index]?.pick.focus();
  }

  act(kind, index) {
    if (kind === "help") this.parts.keys.showModal();
    else if (kind === "whys") this.reasons.toggleAll();
    else if (kind === "why") this.reasons.toggle(index);
    else if (kind === "pick") this.toggle(index);
    else if (kind === "tree") this.outbox.put({ kind, ...this.place });
    else if (kind === "favourite" || kind === "open") this.mean(kind, this.shown?.tiles[index]);
    else if (this.live) this.send(kind);
  }

  get place() {
    const { generation, slots } = this.selection;
    return { generation, slots };
  }

  toggle(index) {
    const tile = this.shown?.tiles[index];
    if (!this.open || !tile) return;
    this.note = "";
    this.selection.toggle(tile.slot);
    this.sayPicks(this.selection);
    this.checkStored();
    this.paint();
    this.announce(`${this.selection.slots.length} picked`);
  }

  /** The next grid came between press and release: the pick belongs to the one that was pressed. */
  pickLate({ selection, shown }, index) {
    const tile = shown.tiles[index];
    if (!tile) return;
    selection.toggle(tile.slot);
    this.sayPicks(selection);
    this.paint();
  }

  /** Goes to another grid. With nothing picked, Evolve means other children of the same parents. */
  send(asked) {
    const { data, selection } = this;
    if ((asked === "back" && !data.can_back) || (asked === "forward" && !data.can_forward)) return;
    const { generation, slots } = selection;
    const again = asked === "evolve" && performance.now() - this.bredAt < DOUBLE_PRESS;
    if (again && !slots.length) return; // a double press: the grid it bred is already shown
    const kind = asked === "evolve" && !slots.length ? "reroll" : asked;
    if (kind === "evolve" || kind === "reroll") this.bredAt = performance.now();
    performance.mark(`breeder:action:${kind}`, { detail: { generation } });
    this.freeze(kind);
    this.frozen.seq = this.outbox.put({ kind, generation, slots });
    this.paint();
    this.announce(this.parts.status.textContent);
  }

  /** Says that a picture is to be a favourite, or opened; also of a grid that is being left. */
  mean(kind, tile) {
    if (!tile) return;
    const { generation, slots } = this.selection;
    const { slot } = tile;
    performance.mark(`breeder:action:${kind}`, { detail: { generation } });
    if (kind === "open") {
      this.outbox.put({ kind, generation, slots, slot });
      return;
    }
    const star = !(this.stars.get(slot)?.value ?? Boolean(tile.favourite));
    const seq = this.outbox.put({ kind, generation, slots, slot, star });
    this.stars.set(slot, { value: star, seq });
    this.paint();
    this.announce(star ? "Favourite" : "No longer a favourite");
  }

  // Until it is stored -----------------------------------------------------------------------

  sayPicks(selection) {
    const { generation } = selection;
    this.outbox.forget((older) => older.kind === "picks" && older.generation === generation);
    selection.said(this.outbox.put(selection.message, { forEver: true }));
  }

  isSaying({ generation }) {
    const { unanswered } = this.outbox;
    return unanswered.some((each) => each.kind === "picks" && each.generation === generation);
  }

  isUnanswered(seq) {
    return this.outbox.unanswered.some((message) => message.seq === seq);
  }

  /** Looks after a while whether the picks are stored: the server may answer and fail to. */
  checkStored(wait = SAY_AGAIN_AFTER) {
    clearTimeout(this.timers.store);
    if (!this.selection.pending) return;
    this.timers.store = setTimeout(() => {
      if (this.selection.pending && !this.isSaying(this.selection)) {
        this.unstored = true;
        this.sayPicks(this.selection);
        this.paint();
      }
      this.checkStored(Math.min(wait * 2, SAY_AGAIN_AT_MOST_EVERY));
    }, wait);
  }

  /** The connection came or went, an answer is late, or an action was given up. */
  onOutbox(gaveUp) {
    if (!this.data) return;
    if (gaveUp && this.settleStars()) this.note = NO_ANSWER;
    this.paint();
  }

  /** Where a star is answered, or given up, the server's word holds again. */
  settleStars() {
    const done = [...this.stars].filter(([, star]) => !this.isUnanswered(star.seq));
    for (const [slot] of done) this.stars.delete(slot);
    return done.length;
  }

  // Waiting for the next grid ----------------------------------------------------------------

  freeze(kind) {
    this.frozen = { kind, seq: 0 };
    this.note = "";
    this.sharpener.stop();
    this.armFrozen();
  }

  armFrozen() {
    clearTimeout(this.timers.frozen);
    this.timers.frozen = setTimeout(() => {
      this.unfreeze();
      this.keys.forget();
      this.note = NO_ANSWER;
      this.paint();
      this.announce(this.note);
    }, GIVE_UP_AFTER);
  }

  unfreeze() {
    clearTimeout(this.timers.frozen);
    this.frozen = null;
  }
}

// Small things -------------------------------------------------------------------------------

/** As many columns as fit, at most the wished; one fewer where that leaves no ragged last row. */
function columnsFor(width, gap, wished, count) {
  const fit = Math.floor((width + gap) / (LEAST_TILE + gap));
  // three columns down to the smallest phones, where tiles of some 95 px still suit a thumb
  const most = Math.max(width < 300 ? 2 : 3, Math.min(fit, wished));
  const columns = Math.min(most, wished);
  const even = (candidate) => candidate > 1 && count % candidate === 0;
  return columns < wished && !even(columns) && even(columns - 1) ? columns - 1 : columns;
}
