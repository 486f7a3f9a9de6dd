// The wall of favourites of breeder, a Streamlit component (v2). No dependencies, no build.
//
// What the person asks for is shown at once, and for as long as the server has not answered.
// Titles come from people: they are only ever set as text.

const SIZE = 384; // px of a picture
const MOST_SELECTED = 64; // wall.py holds the same number
const UNTITLED = "Untitled";

export default function wall(component) {
  return live(component, ".wall", Wall);
}

class Wall {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null; // the newest message
    this.tiles = new Map(); // picture id -> {frame, open, select, ...}
    this.selected = new Set(); // ids in the order of their selection
    this.stop = ""; // id of the one picture in the tab order
    this.renaming = ""; // id
    this.painting = false; // tiles may lose the focus while they move
    this.dismissed = ""; // id of the removed picture whose bar was closed
    this.outbox = new Outbox(() => this.paint());
    this.parts = { template: root.querySelector("template") };
    for (const name of ["bar", "count", "empty", "empty-text", "grid", "undo", "undo-text"]) {
      this.parts[name] = root.querySelector(`.${name}`);
    }
    this.parts.breed = root.querySelector('[data-act="breed"]');
    this.parts.grid.replaceChildren();
    this.listen();
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    const { root } = this;
    root.addEventListener("click", (event) => this.onClick(event), { signal });
    root.addEventListener("focusin", (event) => this.onFocus(event), { signal });
    root.addEventListener("focusout", (event) => this.onBlur(event), { signal });
    root.addEventListener("keydown", (event) => this.onKey(event), { signal });
    // Streamlit reruns the app for R and clears its cache for C, also while one types here.
    for (const type of ["keypress", "keyup"]) {
      root.addEventListener(type, silenceTyping, { signal });
    }
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    this.data = data;
    this.outbox.hear(data);
    if (data.removed?.id !== this.dismissed) this.dismissed = "";
    this.colour();
    this.paint();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    this.outbox.close();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // Drawing ----------------------------------------------------------------------------------

  /** The pictures as they will be when the server has done what was asked. */
  get pictures() {
    const titles = new Map();
    const gone = new Set();
    for (const { kind, id, title } of this.outbox.unanswered) {
      if (kind === "rename") titles.set(id, title);
      if (kind === "remove") gone.add(id);
    }
    const left = this.data.pictures.filter((picture) => !gone.has(picture.id));
    return left.map((each) => ({ ...each, title: titles.get(each.id) ?? each.title }));
  }

  paint() {
    const { parts, pictures, root } = this;
    const focused = root.getRootNode().activeElement;
    this.painting = true;
    this.layTiles(pictures);
    for (const picture of pictures) this.paintTile(this.tiles.get(picture.id), picture);
    this.painting = false;
    for (const id of this.selected) if (!this.tiles.has(id)) this.selected.delete(id);
    if (!this.tiles.has(this.stop)) this.setStop(pictures[0]?.id ?? "");
    parts.grid.hidden = !pictures.length;
    parts.empty.hidden = pictures.length > 0;
    setText(parts["empty-text"], this.data.empty_text || "Nothing here yet.");
    this.paintUndo();
    this.paintSelection();
    if (focused?.isConnected && focused !== root.getRootNode().activeElement) {
      focused.focus({ preventScroll: true }); // a tile that moved lost it
    }
  }

  paintUndo() {
    const { removed } = this.data;
    const undone = this.outbox.unanswered.some((action) => action.kind === "undo");
    this.parts.undo.hidden = !removed || undone || removed.id === this.dismissed;
    setText(this.parts["undo-text"], removed ? `Removed ${removed.title || UNTITLED}.` : "");
  }

  /** Makes the tiles match in number and order; a tile stays while its picture does. */
  layTiles(pictures) {
    const wanted = new Set(pictures.map((picture) => picture.id));
    for (const [id, tile] of this.tiles) {
      if (wanted.has(id)) continue;
      tile.frame.remove();
      this.tiles.delete(id);
    }
    let next = this.parts.grid.firstElementChild;
    for (const picture of pictures) {
      const { frame } = this.tiles.get(picture.id) ?? this.newTile(picture.id);
      if (frame === next) next = next.nextElementSibling;
      else this.parts.grid.insertBefore(frame, next);
    }
  }

  newTile(id) {
    const frame = this.parts.template.content.firstElementChild.cloneNode(true);
    const tile = { frame, url: null };
    const names = ["open", "select", "remove", "start", "title", "title-text", "rename", "subtitle"];
    for (const name of names) tile[name] = frame.querySelector(`.${name}`);
    tile.time = frame.querySelector("time");
    frame.dataset.picture = id;
    this.tiles.set(id, tile);
    return tile;
  }

  paintTile(tile, picture) {
    const title = picture.title || UNTITLED;
    const renaming = this.renaming === picture.id;
    tile.title.hidden = renaming;
    tile.rename.hidden = !renaming;
    setText(tile.subtitle, picture.subtitle);
    if (tile.named !== picture.title) {
      tile.named = picture.title;
      setText(tile["title-text"], title);
      setAttribute(tile.title, "data-untitled", !picture.title);
      setAttribute(tile.title, "title", `${title}. Rename`);
      setAttribute(tile.title, "aria-label", `Rename ${title}`);
      setAttribute(tile.open, "aria-label", `Open ${title}`);
      setAttribute(tile.select, "aria-label", `Select ${title}`);
      setAttribute(tile.remove, "aria-label", `Remove ${title} from favourites`);
      setAttribute(tile.start, "aria-label", `Start a run from ${title}`);
    }
    if (tile.time.dateTime !== picture.created) tellDate(tile.time, picture.created);
    if (tile.url !== picture.url) showPicture(tile, picture.url);
  }

  paintSelection() {
    const { parts, selected } = this;
    const count = selected.size;
    parts.bar.hidden = !count;
    this.root.dataset.selecting = String(count > 0);
    setText(parts.count, count ? `${count} selected` : "");
    setText(parts.breed, count === 1 ? "Breed from it" : "Breed together");
    for (const [id, tile] of this.tiles) {
      setAttribute(tile.frame, "data-selected", selected.has(id));
      setAttribute(tile.select, "aria-checked", selected.has(id));
    }
  }

  setStop(id) {
    for (const each of [this.stop, id]) {
      const buttons = this.tiles.get(each)?.frame.querySelectorAll("button") ?? [];
      buttons.forEach((button) => (button.tabIndex = each === id ? 0 : -1));
    }
    this.stop = id;
  }

  /** White text must be readable on the accent, whichever primary colour the theme has. */
  colour() {
    const name = getComputedStyle(this.root).getPropertyValue("--accent").trim();
    if (name === this.accent) return;
    this.accent = name;
    let shade = parseColour(name);
    if (!shade) return;
    while (contrastWithWhite(shade) < 4.5) shade = shade.map((channel) => channel * 0.96);
    this.root.style.setProperty("--accent-fill", `rgb(${shade.map(Math.round).join(" ")})`);
  }

  // What the person does ---------------------------------------------------------------------

  onClick(event) {
    const act = event.target.closest("[data-act]")?.dataset.act;
    const id = event.target.closest(".tile")?.dataset.picture ?? "";
    const acts = {
      select: () => this.toggle(id),
      clear: () => this.clear(),
      dismiss: () => this.dismiss(),
      rename: () => this.startRename(id),
      remove: () => this.remove(id),
      undo: () => this.send({ kind: "undo", id: this.data.removed.id }),
      breed: () => this.send({ kind: "breed", ids: [...this.selected] }),
      open: () => this.send({ kind: "open", id }),
      start: () => this.send({ kind: "start", id, title: this.titleOf(id) }),
    };
    acts[act]?.();
  }

  send(action) {
    const slow = ["breed", "start", "undo"].includes(action.kind);
    const same = (each) => each.kind === action.kind && each.id === action.id;
    if (slow && this.outbox.unanswered.some(same)) return; // a double click means one run
    this.outbox.put({ id: "", ids: [], title: "", ...action });
    this.paint();
  }

  toggle(id) {
    if (!this.selected.delete(id) && this.selected.size < MOST_SELECTED) this.selected.add(id);
    this.paintSelection();
  }

  clear() {
    const inBar = this.parts.bar.contains(this.root.getRootNode().activeElement);
    this.selected.clear();
    this.paintSelection();
    if (inBar) this.tiles.get(this.stop)?.open.focus({ preventScroll: true });
  }

  dismiss() {
    this.dismissed = this.data.removed?.id ?? "";
    this.paint();
    this.tiles.get(this.stop)?.open.focus({ preventScroll: true });
  }

  remove(id) {
    const { frame } = this.tiles.get(id);
    const neighbour = frame.nextElementSibling ?? frame.previousElementSibling;
    this.send({ kind: "remove", id });
    neighbour?.querySelector(".open").focus({ preventScroll: true });
  }

  titleOf(id) {
    return this.pictures.find((picture) => picture.id === id)?.title ?? "";
  }

  startRename(id) {
    this.renaming = id;
    this.paint();
    const { rename } = this.tiles.get(id);
    rename.value = this.titleOf(id);
    rename.focus();
    rename.select();
  }

  finishRename(keep, stay) {
    const id = this.renaming;
    const tile = this.tiles.get(id);
    const title = tile?.rename.value.trim().replace(/\s+/g, " ") ?? "";
    this.renaming = "";
    if (tile && keep && title !== this.titleOf(id)) this.send({ kind: "rename", id, title });
    else this.paint();
    if (stay) tile?.title.focus();
  }

  onFocus(event) {
    const id = event.target.closest(".tile")?.dataset.picture;
    if (id && id !== this.stop) this.setStop(id);
  }

  onBlur(event) {
    // Leaving the field keeps what was typed.
    const left = event.target.matches(".rename") && !this.painting && document.hasFocus();
    if (left && this.renaming) this.finishRename(true, false);
  }

  onKey(event) {
    const { target, key } = event;
    if (target.matches("input")) event.stopPropagation(); // see silenceTyping
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const done = target.matches(".rename") ? this.onRenameKey(key) : this.onTileKey(key, target);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  onRenameKey(key) {
    if (key !== "Enter" && key !== "Escape") return false;
    this.finishRename(key === "Enter", true);
    return true;
  }

  onTileKey(key, target) {
    if (key === "Escape" && this.selected.size) {
      this.clear();
      return true;
    }
    if (!target.closest(".tile")) return false;
    const ids = [...this.parts.grid.children].map((frame) => frame.dataset.picture);
    const columns = getComputedStyle(this.parts.grid).gridTemplateColumns.split(" ").length;
    const at = ids.indexOf(this.stop);
    const goal = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - columns,
      ArrowDown: at + columns,
      Home: 0,
      End: ids.length - 1,
    }[key];
    if (goal === undefined) return false;
    if (ids[goal] !== undefined) this.tiles.get(ids[goal]).open.focus();
    return true;
  }
}

// Small things -------------------------------------------------------------------------------

function showPicture(tile, url) {
  tile.url = url;
  const image = new Image();
  image.alt = "";
  image.loading = "lazy";
  image.decoding = "async";
  image.draggable = false;
  image.addEventListener("error", () => {
    image.remove();
    tile.frame.dataset.broken = "true";
  });
  image.src = sized(url, SIZE);
  tile.frame.dataset.broken = "false";
  tile.open.replaceChildren(image);
}

function tellDate(element, created) {
  element.dateTime = created;
  const moment = new Date(created);
  if (Number.isNaN(moment.getTime())) return;
  const year = moment.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  const short = moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year });
  setText(element, short);
  element.title = moment.toLocaleString(undefined, { dateStyle: "full", timeStyle: "short" });
}
