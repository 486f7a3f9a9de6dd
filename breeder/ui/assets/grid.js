// The picture grid of breeder, a Streamlit component (v2). No dependencies, no build.
//
// A pick is drawn at once and sent as the whole set with a rising sequence number; it is drawn as
// *taken* once the server's `saved` confirms it, and sent again while that does not come.
// Names and status lines come from people: they are only ever set as text.

const FROZEN_FOR_AT_MOST = 15_000; // ms; then the person may act again
const RESEND_AFTER = 3_000; // ms without a confirmation of a pick, then twice as long each time
const RESEND_AT_MOST_EVERY = 30_000;
const DECODE_WITHIN = 12_000; // ms for a picture to load; a grid waits no longer for it
const SHARPEN_AFTER = 350; // ms a grid stays before sharper pictures are asked for
const SHARPEN_AT_ONCE = 3;
const PICTURES_KEPT = 160; // some 10 grids; 15 kB each
const LEAST_TILE = 112; // CSS px

const WAITING = {
  evolve: "Breeding the next pictures…",
  reroll: "Breeding other children…",
  back: "Going back…",
  forward: "Going forward…",
};
const BADGES = { kept: "Kept", founder: "Founder", wild: "Wild" };
const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
const LETTERS = { z: "back", y: "forward", r: "reroll", f: "favourite", o: "open", "?": "help" };

const pictures = new Map(); // genome id -> data address, oldest first; outlives a remount
const unfinished = new Map(); // generation -> Selection not yet confirmed; outlives a remount
let clock = 0; // highest sequence number used or seen
let newest = null; // the Grid that hears keys pressed nowhere in particular

export default function grid(component) {
  return live(component, ".breeder", Grid);
}

/** The picks of one generation: as the person sees them, and as the server holds them. */
class Selection {
  constructor(generation) {
    this.generation = generation;
    this.slots = new Set();
    this.seq = 0; // of the newest local change
    this.changed = new Map(); // slot -> seq of its newest local change
    this.saved = new Set();
    this.savedSeq = -1;
  }

  toggle(slot) {
    if (!this.slots.delete(slot)) this.slots.add(slot);
    this.seq = ++clock;
    this.changed.set(slot, this.seq);
  }

  /** Takes the server's word, unless it is older than what is known. */
  confirm(saved) {
    if (!saved || saved.generation !== this.generation || saved.seq < this.savedSeq) return;
    clock = Math.max(clock, saved.seq);
    this.savedSeq = saved.seq;
    this.saved = new Set(saved.slots);
    if (saved.seq >= this.seq) {
      this.seq = saved.seq;
      this.slots = new Set(saved.slots);
    }
  }

  isTaken(slot) {
    const told = this.savedSeq >= (this.changed.get(slot) ?? 0);
    return told && this.slots.has(slot) && this.saved.has(slot);
  }

  get pending() {
    return this.seq > Math.max(this.savedSeq, 0);
  }

  get message() {
    const slots = [...this.slots].sort((a, b) => a - b);
    // What was never touched here may have been picked in another tab: it is not ours to say.
    const touched = [...this.changed.keys()].sort((a, b) => a - b);
    return { generation: this.generation, slots, touched, seq: this.seq };
  }
}

/** Sends actions one at a time: Streamlit keeps only the newest of the triggers that wait. */
class ActionQueue {
  constructor() {
    this.waiting = [];
    this.nonce = "";
    this.timer = 0;
    this.trigger = () => {};
  }

  put(action) {
    this.waiting.push(action);
    if (!this.nonce) this.next();
  }

  answered(nonce) {
    if (nonce && nonce === this.nonce) this.next();
  }

  next() {
    clearTimeout(this.timer);
    const action = this.waiting.shift();
    this.nonce = action ? action.nonce : "";
    if (!action) return;
    this.timer = setTimeout(() => this.next(), ANSWER_WITHIN);
    this.trigger("action", action);
  }

  close() {
    clearTimeout(this.timer);
    // what still waits goes out together: the page is leaving, there will be no answer
    this.waiting.splice(0).forEach((action) => this.trigger("action", action));
  }
}

class Grid {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null; // the newest message
    this.generation = ""; // shown
    this.arriving = ""; // being decoded, to be shown next
    this.selection = new Selection("");
    this.stars = new Map(); // slot -> {value, nonce}: stars the server has not answered
    this.tiles = []; // {frame, pick, star, open, badge, picture, id, size}
    this.current = 0; // index of the one tile in the tab order
    this.columns = 5;
    this.frozen = null; // {kind, nonce} while an action is under way
    this.note = ""; // a line of our own over the server's status
    this.outbox = new ActionQueue();
    this.timers = { frozen: 0, resend: 0, sharpen: 0 };
    this.parts = {
      grid: root.querySelector(".grid"),
      toolbar: root.querySelector(".toolbar"),
      primary: root.querySelector(".primary"),
      label: root.querySelector(".primary-label"),
      number: root.querySelector(".number"),
      status: root.querySelector(".status"),
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
    this.root.addEventListener("click", (event) => this.onClick(event), { signal });
    this.root.addEventListener("focusin", (event) => this.onFocus(event), { signal });
    // Capture on the window: Streamlit hears keys too, and reruns the whole app for R.
    window.addEventListener("keydown", (event) => this.onKey(event), { signal, capture: true });
    this.root.addEventListener("keyup", preventSpaceClick, { signal });
    this.resizing = new ResizeObserver(() => this.layOut());
    this.resizing.observe(this.root);
  }

  update({ data, setStateValue, setTriggerValue }) {
    this.turn += 1;
    this.sendState = setStateValue;
    this.outbox.trigger = setTriggerValue;
    if (!data) return this.turn;
    const before = this.data;
    this.data = data;
    remember(data.inline);
    this.colour();
    this.outbox.answered(data.answered);
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
    this.outbox.close();
    this.arriving = "";
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
    this.generation = data.generation;
    this.startSelection();
    this.stars.clear();
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
    this.sharpenSoon();
  }

  startSelection() {
    const { saved } = this.data;
    clearTimeout(this.timers.resend);
    this.selection = unfinished.get(this.generation) ?? new Selection(this.generation);
    unfinished.clear();
    this.selection.confirm(saved);
    clock = Math.max(clock, saved?.seq ?? 0);
    if (this.selection.pending) this.sendPicks();
  }

  // The same grid, told again ----------------------------------------------------------------

  refresh(before) {
    const { data } = this;
    this.arriving = "";
    this.root.dataset.decoded = "true";
    this.selection.confirm(data.saved);
    if (!this.selection.pending) {
      clearTimeout(this.timers.resend);
      this.note = "";
    }
    for (const [slot, star] of this.stars) {
      if (star.nonce === data.answered) this.stars.delete(slot);
    }
    if (this.frozen && data.busy_label) this.armFrozen();
    else if (this.frozen && data.answered === this.frozen.nonce) this.unfreeze();
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
      for (const name of ["pick", "star", "open", "badge", "picture"]) tile[name] = part(name);
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
    this.root.style.setProperty("--columns", String(this.columns));
    this.root.style.setProperty("--rows", String(Math.max(1, Math.ceil(count / wished))));
    this.sharpenSoon();
  }

  paint() {
    const { parts, data, root } = this;
    const shown = this.generation === data.generation ? data.tiles : [];
    shown.forEach((wanted, index) => this.paintTile(this.tiles[index], wanted, index));
    const count = this.selection.slots.size;
    const closed = !this.live;
    root.dataset.busy = String(Boolean(this.frozen));
    parts.grid.setAttribute("aria-busy", String(closed));
    parts.progress.hidden = !this.frozen && !data.busy_label;
    parts.label.textContent = count ? `Evolve ${count} ${plural(count, "pick")}` : "Other children";
    parts.primary.dataset.ready = String(count > 0);
    parts.primary.title = count
      ? "Breed the next grid from the picks (Enter)"
      : "Nothing picked: other children of the same parents (Enter)";
    this.enable("evolve", !closed);
    this.enable("reroll", !closed);
    this.enable("back", !closed && data.can_back);
    this.enable("forward", !closed && data.can_forward);
    setText(parts.number, `Generation ${this.data.number}`);
    setText(parts.status, this.statusLine);
    parts.status.title = this.statusLine;
  }

  paintTile(tile, wanted, index) {
    const { slot } = wanted;
    const star = this.stars.get(slot)?.value ?? Boolean(wanted.favourite);
    const badge = BADGES[wanted.badge] ?? "";
    const extra = [badge.toLowerCase(), star ? "favourite" : ""].filter(Boolean);
    tile.pick.dataset.slot = String(slot);
    tile.pick.tabIndex = index === this.current ? 0 : -1;
    setAttribute(tile.pick, "aria-pressed", this.selection.slots.has(slot));
    setAttribute(tile.pick, "data-saved", this.selection.isTaken(slot));
    setAttribute(tile.pick, "aria-label", [wanted.name, ...extra].join(", "));
    setAttribute(tile.star, "aria-pressed", star);
    setAttribute(tile.star, "aria-label", `Favourite: ${wanted.name}`);
    setAttribute(tile.open, "aria-label", `Open large: ${wanted.name}`);
    setText(tile.badge, badge);
    tile.badge.hidden = !badge;
  }

  enable(act, on) {
    // aria-disabled, not disabled: a disabled button would drop the keyboard's focus
    const button = this.parts.toolbar.querySelector(`[data-act="${act}"]`);
    setAttribute(button, "aria-disabled", !on);
  }

  get statusLine() {
    if (this.frozen) return this.data.busy_label || WAITING[this.frozen.kind];
    return this.data.busy_label || this.note || this.data.status || "";
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

  /** Whether picks and actions are open: not frozen, and no other grid on its way. */
  get live() {
    return Boolean(this.generation) && !this.frozen && !this.arriving;
  }

  onClick(event) {
    const button = event.target.closest("button");
    const index = this.tiles.findIndex((tile) => tile.frame.contains(button));
    if (!button) {
      if (event.target === this.parts.keys) this.parts.keys.close(); // the backdrop
    } else if (index >= 0) {
      this.moveTo(index, !button.matches(".pick")); // Safari does not focus a clicked button
      if (button.matches(".pick")) this.toggle(index);
      else this.act(button.matches(".star") ? "favourite" : "open", index);
    } else if (button.dataset.act && button.getAttribute("aria-disabled") !== "true") {
      this.act(button.dataset.act);
    }
  }

  onFocus(event) {
    const index = this.tiles.findIndex((tile) => tile.pick === event.target);
    if (index >= 0) this.moveTo(index, true);
  }

  onKey(event) {
    const place = this.placeOf(event);
    if (!place) return;
    const command = this.commandFor(event, place);
    if (!command) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat || MOVES.includes(event.key)) command();
  }

  /** Where a key was pressed: on a "tile", a "tool", the "page" around, or null: not ours. */
  placeOf(event) {
    if (event.defaultPrevented || event.isComposing || !this.root.isConnected) return null;
    if (event.ctrlKey || event.metaKey || event.altKey) return null;
    if (event.shiftKey && event.key !== "?") return null;
    const path = event.composedPath();
    if (path.some(isTyping) || this.parts.keys.open || isDialogOpen()) return null;
    if (this.tiles.some((tile) => path[0] === tile.pick)) return "tile";
    if (path.includes(this.root)) return "tool";
    // nowhere in particular: the body, or a scroller around the grid
    const around = path[0] instanceof Node && path[0].contains(hostOf(this.root));
    return around && newest === this ? "page" : null;
  }

  commandFor(event, place) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (Object.hasOwn(LETTERS, key)) return () => this.act(LETTERS[key], this.current);
    if (place === "tool") return null;
    if (MOVES.includes(key)) return () => this.move(key, place);
    if (key === "Enter") return () => this.act("evolve");
    if (key !== " ") return null;
    return () => {
      this.moveTo(this.current);
      this.toggle(this.current);
    };
  }

  move(key, place) {
    const { columns, current } = this;
    const last = this.tiles.length - 1;
    if (last < 0) return;
    const below = current + columns;
    const sameRow = Math.floor(current / columns) === Math.floor(last / columns);
    const target = {
      ArrowLeft: current - 1,
      ArrowRight: current + 1,
      ArrowUp: current >= columns ? current - columns : current,
      ArrowDown: sameRow ? current : Math.min(below, last),
      Home: 0,
      End: last,
    }[key];
    // from the page, the first arrow only shows where one is
    const start = place === "page" && key.startsWith("Arrow");
    this.moveTo(start ? current : Math.max(0, Math.min(target, last)));
  }

  moveTo(index, keepFocus = false) {
    this.current = index;
    this.tiles.forEach((tile, at) => (tile.pick.tabIndex = at === index ? 0 : -1));
    if (!keepFocus) this.tiles[index]?.pick.focus();
  }

  toggle(index) {
    if (!this.live) return;
    this.note = "";
    this.selection.toggle(this.data.tiles[index].slot);
    this.paint();
    this.sendPicks();
    this.announce(`${this.selection.slots.size} picked`);
  }

  sendPicks(wait = RESEND_AFTER) {
    clearTimeout(this.timers.resend);
    this.timers.resend = setTimeout(() => this.resend(wait), wait);
    this.sendState("picks", this.selection.message);
  }

  /** A new number makes the message a change, so that the server's callback runs again. */
  resend(wait) {
    if (!this.selection.pending) return;
    this.selection.seq = ++clock;
    this.note = "Not saved yet, trying again…";
    this.paint();
    this.sendPicks(Math.min(wait * 2, RESEND_AT_MOST_EVERY));
  }

  act(kind, index) {
    if (kind === "help") this.parts.keys.showModal();
    else if (this.live) this.send(this.meant(kind), index);
  }

  /** With nothing picked, Evolve means other children of the same parents. */
  meant(kind) {
    return kind === "evolve" && !this.selection.slots.size ? "reroll" : kind;
  }

  send(kind, index) {
    if ((kind === "back" && !this.data.can_back) || (kind === "forward" && !this.data.can_forward)) {
      return;
    }
    const { generation, slots } = this.selection.message;
    const action = { kind, generation, slots, nonce: newNonce() };
    performance.mark(`breeder:action:${kind}`, { detail: { generation, nonce: action.nonce } });
    if (kind === "favourite" || kind === "open") {
      const tile = this.data.tiles[index];
      if (!tile) return;
      action.slot = tile.slot;
      if (kind === "favourite") this.flipStar(tile, action.nonce);
    } else {
      this.freeze(action);
    }
    this.outbox.put(action);
  }

  flipStar(tile, nonce) {
    const value = !(this.stars.get(tile.slot)?.value ?? Boolean(tile.favourite));
    this.stars.set(tile.slot, { value, nonce });
    setTimeout(() => {
      // Lost on the way: the server's word holds again.
      if (this.stars.get(tile.slot)?.nonce === nonce && this.stars.delete(tile.slot)) this.paint();
    }, GIVE_UP_AFTER);
    this.paint();
    this.announce(value ? "Favourite" : "No longer a favourite");
  }

  // Waiting for the next grid ----------------------------------------------------------------

  freeze({ kind, nonce }) {
    this.frozen = { kind, nonce };
    this.note = "";
    clearTimeout(this.timers.sharpen);
    this.armFrozen();
    this.paint();
    this.announce(this.statusLine);
  }

  armFrozen() {
    clearTimeout(this.timers.frozen);
    this.timers.frozen = setTimeout(() => {
      this.unfreeze();
      this.note = "No answer yet. Please try again.";
      this.paint();
      this.announce(this.note);
    }, FROZEN_FOR_AT_MOST);
  }

  unfreeze() {
    clearTimeout(this.timers.frozen);
    this.frozen = null;
  }

  // Sharper pictures -------------------------------------------------------------------------

  /** Pixels on a side that a tile can show, in steps of 256; 0 if the small one is enough. */
  get sharpSize() {
    const width = this.tiles[0]?.picture.offsetWidth ?? 0;
    if (devicePixelRatio <= 1.25 && width <= 256) return 0;
    const steps = Math.ceil((width * devicePixelRatio) / 256);
    return steps > 1 ? Math.min(steps, 4) * 256 : 0;
  }

  sharpenSoon() {
    clearTimeout(this.timers.sharpen);
    if (!this.generation) return;
    this.timers.sharpen = setTimeout(() => this.sharpen(), SHARPEN_AFTER);
  }

  async sharpen() {
    const { generation, sharpSize: size } = this;
    const waiting = this.data.tiles.map((wanted, index) => [wanted, this.tiles[index]]);
    const lane = async () => {
      while (waiting.length && this.live && this.generation === generation) {
        const [wanted, tile] = waiting.shift();
        if (!wanted.url || !tile || tile.id !== wanted.id || tile.size >= size) continue;
        const image = await decoded(sized(wanted.url, size));
        if (image && tile.id === wanted.id && tile.size < size) place(tile, tile.id, image, size);
      }
    };
    if (size && this.live) await Promise.all(Array.from({ length: SHARPEN_AT_ONCE }, lane));
  }
}

// Pictures -----------------------------------------------------------------------------------

function remember(inline) {
  for (const [id, address] of Object.entries(inline ?? {})) {
    if (!String(address).startsWith("data:image/")) continue;
    pictures.delete(id);
    pictures.set(id, address);
  }
  for (const id of pictures.keys()) {
    if (pictures.size <= PICTURES_KEPT) break;
    pictures.delete(id);
  }
}

/** The decoded picture of a tile, or null when it cannot be had. */
async function load({ id, url }) {
  const kept = pictures.get(id);
  return (kept && (await decoded(kept))) || (url ? decoded(url) : null);
}

async function decoded(address) {
  const image = new Image();
  image.alt = "";
  image.draggable = false;
  image.src = address;
  let timer = 0;
  const late = new Promise((_, fail) => (timer = setTimeout(fail, DECODE_WITHIN)));
  try {
    await Promise.race([image.decode(), late]);
    return image;
  } catch {
    return null; // the tile says so, the others are shown all the same
  } finally {
    clearTimeout(timer);
  }
}

function place(tile, id, image, size = 256) {
  tile.id = id;
  tile.size = image ? size : 0;
  tile.coming = "";
  setAttribute(tile.frame, "data-broken", !image);
  tile.picture.replaceChildren(...(image ? [image] : []));
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

function isTyping(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  const noText = "[type=button], [type=submit], [type=reset], [type=image]";
  return element.matches("input") && !element.matches(noText);
}

function isDialogOpen() {
  const dialogs = document.querySelectorAll('[role="dialog"], [role="alertdialog"], dialog[open]');
  return [...dialogs].some((dialog) => dialog.checkVisibility?.() ?? true);
}

function hostOf(root) {
  const top = root.getRootNode();
  return top instanceof ShadowRoot ? top.host : root;
}

/** Space is heard on keydown; in Firefox the button would still click on keyup. */
function preventSpaceClick(event) {
  if (event.key === " " && event.target.matches(".pick")) event.preventDefault();
}
