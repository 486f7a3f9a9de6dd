// The gallery of breeder, a Streamlit component (v2). No dependencies, no build.
//
// Searching, scrolling and editing are between this script and the addresses /gallery/…; the page's own
// script runs only where another page is to be shown: a picture opened, a run begun.
// Titles, tags and names come from people: they are only ever set as text.

const UNTITLED = "Untitled";

export default function gallery(component) {
  return live(component, ".gallery", Gallery);
}

class Gallery {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null; // the newest message
    this.stop = ""; // id of the one picture in the tab order
    this.renaming = ""; // id
    this.gone = new Set(); // ids that were removed and are not shown any more
    this.undo = null; // {text, undo}: what was done last, and the token that takes it back
    this.problem = "";
    const part = (name) => root.querySelector(`.${name}`);
    this.parts = {};
    for (const name of ["total", "saving", "problem", "empty", "empty-text", "wall"]) {
      this.parts[name] = part(name);
    }
    for (const name of ["notice", "notice-text"]) this.parts[name] = part(name);
    this.parts.wall.replaceChildren();
    this.outbox = new Outbox(() => this.paint());
    this.desk = new Desk((answer) => this.onDesk(answer));
    this.source = new Source((fresh) => this.onItems(fresh));
    this.filters = new Filters(root, () => this.search());
    this.bulk = new Bulk(root, this);
    this.tiles = new Tiles(this.parts.wall, root.querySelector("template"), {
      paint: (tile, item) => this.paintTile(tile, item),
      wanted: (count) => this.source.ensure(count),
    });
    this.listen();
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    const { root } = this;
    this.filters.listen(signal);
    this.bulk.listen(signal);
    root.addEventListener("click", (event) => this.onClick(event), { signal });
    root.addEventListener("focusin", (event) => this.onFocus(event), { signal });
    root.addEventListener("focusout", (event) => this.onBlur(event), { signal });
    root.addEventListener("keydown", (event) => this.onKey(event), { signal });
    window.addEventListener("breeder-gallery-like", (event) => this.onLike(event), { signal });
    // Streamlit reruns the app for R and clears its cache for C, also while one types here.
    for (const type of ["keypress", "keyup"]) {
      root.addEventListener(type, silenceTyping, { signal });
    }
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    const first = !this.data;
    this.data = data;
    this.outbox.hear(data);
    this.colour();
    this.bulk.offer(data);
    if (first) {
      this.search();
      this.askFacets();
    }
    this.paint();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    for (const each of [this.outbox, this.desk, this.source, this.filters]) each.close();
    for (const each of [this.bulk, this.tiles]) each.close();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // Searching --------------------------------------------------------------------------------

  search(options) {
    this.source.search(this.filters.query, options);
    this.paint();
  }

  async askFacets() {
    try {
      const answer = await fetch("/gallery/facets", { signal: this.ending.signal });
      if (answer.ok) this.facets = await answer.json();
    } catch {
      return; // the gallery works without; asked again with the next edit
    }
    if (!this.facets) return;
    this.filters.show(this.facets);
    this.bulk.showTags(this.facets.tags);
    this.paint();
  }

  onItems(fresh) {
    if (fresh) {
      this.gone.clear();
      if (this.shownQuery !== this.source.query) this.tiles.toTop();
      this.shownQuery = this.source.query;
    }
    this.paint();
  }

  /** Hears of edits: this component's own, and those of the picture that is open. */
  onDesk(answer) {
    if (answer) {
      this.problem = answer.error ?? "";
      this.source.renew(answer.items);
      const dropped = new Set(answer.items.filter((item) => !item.kept).map((item) => item.id));
      if (dropped.size) this.source.drop(dropped);
      for (const id of dropped) this.gone.delete(id);
      if (answer.undo) this.undo = { text: answer.text, undo: answer.undo };
      if (answer.error) this.gone.clear();
      const back = answer.items.some((item) => item.kept && !this.has(item.id));
      if (back) this.search({ atLeast: this.source.items.length + answer.items.length });
      this.askFacets();
    }
    this.paint();
  }

  has(id) {
    return this.source.items.some((item) => item.id === id);
  }

  // Drawing ----------------------------------------------------------------------------------

  /** The pictures as they will be when the server has done what was asked. */
  get pictures() {
    const { items } = this.source;
    return this.gone.size ? items.filter((item) => !this.gone.has(item.id)) : items;
  }

  paint() {
    if (!this.data) return;
    const { parts, source, root } = this;
    const pictures = this.pictures;
    const count = Math.max(source.total - (source.items.length - pictures.length), 0);
    const none = !count && !source.waiting && (source.query !== null || source.refused);
    setText(parts.total, source.query === null ? "" : this.totalWords(count));
    setText(parts.saving, this.desk.late ? "Not saved yet: the server does not answer" : "");
    setText(parts.problem, source.error || this.problem);
    parts.problem.hidden = !parts.problem.textContent;
    parts.empty.hidden = !none;
    parts.empty.querySelector("button").hidden = !this.filters.any;
    setText(parts["empty-text"], this.filters.any ? "No picture fits." : this.data.empty_text);
    setAttribute(root, "data-waiting", source.waiting);
    setAttribute(parts.wall, "aria-busy", source.waiting);
    parts.wall.hidden = none;
    this.paintUndo();
    this.tiles.show(pictures, count);
    this.keepStop(pictures);
    this.bulk.paint();
  }

  totalWords(count) {
    const all = this.facets?.total ?? count;
    const number = count.toLocaleString("en");
    return this.filters.any && all !== count ? `${number} of ${all.toLocaleString("en")}` : number;
  }

  paintUndo() {
    this.parts.notice.hidden = !this.undo;
    setText(this.parts["notice-text"], this.undo?.text ?? "");
  }

  paintTile(tile, item) {
    const picture = this.desk.applied(item);
    const title = picture.title || UNTITLED;
    const renaming = this.renaming === picture.id;
    tile.title.hidden = renaming;
    tile.rename.hidden = !renaming;
    setText(tile["title-text"], title);
    setAttribute(tile.title, "data-untitled", !picture.title);
    setAttribute(tile.title, "aria-label", `Rename ${title}`);
    setAttribute(tile.title, "title", picture.description || `${title}. Rename`);
    setAttribute(tile.open, "aria-label", `Open ${title}`);
    setAttribute(tile.select, "aria-label", `Select ${title}`);
    setAttribute(tile.remove, "aria-label", `Remove ${title} from the gallery`);
    setAttribute(tile.start, "aria-label", `Start a run from ${title}`);
    setAttribute(tile.alike, "aria-label", `More like ${title}`);
    tile.published.hidden = !picture.published;
    setText(tile.stars, "★".repeat(picture.stars));
    const tags = picture.tags.join(", ");
    setText(tile.words, tags || [picture.run, tellDate(picture.created)].filter(Boolean).join(" · "));
    setAttribute(tile.words, "title", [tags, picture.run, tellDate(picture.created)].filter(Boolean).join(" · "));
    const selected = this.bulk.selected.has(picture.id);
    setAttribute(tile.frame, "data-selected", selected);
    setAttribute(tile.select, "aria-checked", selected);
    this.paintStop(tile);
  }

  keepStop(pictures) {
    if (!this.stop || !this.has(this.stop)) this.setStop(pictures[0]?.id ?? "");
  }

  setStop(id) {
    const before = this.tiles.tileOf(this.stop);
    this.stop = id;
    for (const tile of [before, this.tiles.tileOf(id)]) if (tile) this.paintStop(tile);
  }

  paintStop(tile) {
    const index = tile.id && tile.id === this.stop ? 0 : -1;
    for (const each of tile.frame.querySelectorAll("button")) each.tabIndex = index;
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
      select: () => this.bulk.toggle(id, event.shiftKey),
      rename: () => this.startRename(id),
      unkeep: () => this.remove([id]),
      undo: () => this.takeBack(),
      dismiss: () => this.forgetUndo(),
      like: () => this.filters.set({ like: id, sort: "" }),
      open: () => this.choose(event, id),
      start: () => this.send({ kind: "start", ids: [id] }),
    };
    if (acts[act]) acts[act]();
    else this.bulk.act(act);
  }

  /** The picture that is open asks for all that look like it: no need for another page. */
  onLike(event) {
    event.preventDefault();
    this.filters.set({ like: event.detail, sort: "" });
  }

  choose(event, id) {
    if (event.shiftKey || event.ctrlKey || event.metaKey) this.bulk.toggle(id, event.shiftKey);
    else this.send({ kind: "open", ids: [id] });
  }

  send(action) {
    const same = (each) => each.kind === action.kind && String(each.ids) === String(action.ids);
    if (action.kind !== "open" && this.outbox.unanswered.some(same)) return; // a double click
    this.outbox.put(action);
    this.paint();
  }

  remove(ids) {
    const index = this.pictures.findIndex((item) => item.id === ids[0]);
    for (const id of ids) this.gone.add(id);
    for (const id of ids) this.bulk.selected.delete(id);
    this.desk.put({ ids, kept: false });
    this.focusOn(Math.min(index, this.pictures.length - 1));
  }

  takeBack() {
    this.desk.put({ undo: this.undo.undo, ids: [] });
    this.forgetUndo();
  }

  forgetUndo() {
    this.undo = null;
    this.paint();
    this.tiles.tileOf(this.stop)?.open.focus({ preventScroll: true });
  }

  startRename(id) {
    this.renaming = id;
    this.paint();
    const { rename } = this.tiles.tileOf(id);
    rename.value = this.desk.applied(this.pictures.find((item) => item.id === id)).title;
    rename.focus();
    rename.select();
  }

  finishRename(keep, stay) {
    const id = this.renaming;
    const item = this.pictures.find((each) => each.id === id);
    const tile = this.tiles.tileOf(id);
    const title = tile?.rename.value.trim().replace(/\s+/g, " ") ?? "";
    this.renaming = "";
    if (item && tile && keep && title !== this.desk.applied(item).title) {
      this.desk.put({ ids: [id], title });
    }
    this.paint();
    if (stay) tile?.title.focus();
  }

  onFocus(event) {
    const id = event.target.closest(".tile")?.dataset.picture;
    if (id && id !== this.stop) this.setStop(id);
  }

  onBlur(event) {
    // Leaving the field keeps what was typed.
    const left = event.target.matches(".rename") && document.hasFocus();
    if (left && this.renaming) this.finishRename(true, false);
  }

  onKey(event) {
    const { target, key } = event;
    if (target.matches("input")) event.stopPropagation(); // see silenceTyping
    if (event.isComposing || event.altKey) return;
    const done = target.matches(".rename") ? this.onRenameKey(key) : this.onTileKey(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  onRenameKey(key) {
    if (key !== "Enter" && key !== "Escape") return false;
    this.finishRename(key === "Enter", true);
    return true;
  }

  onTileKey({ target, key, ctrlKey, metaKey, shiftKey }) {
    const inTile = target.closest(".tile");
    const over = this.root.querySelector(":popover-open");
    if (key === "Escape" && !over && this.bulk.selected.size && !target.matches("input")) {
      this.bulk.clear();
      return true;
    }
    if (!inTile) return false;
    if (ctrlKey || metaKey) {
      if (key.toLowerCase() === "a") this.bulk.selectAll();
      return key.toLowerCase() === "a";
    }
    if (key === " " && target.matches(".open")) {
      this.bulk.toggle(this.stop, shiftKey);
      return true;
    }
    if (key >= "0" && key <= "5") {
      this.desk.put({ ids: [this.stop], stars: Number(key) });
      return true;
    }
    return this.onArrow(key);
  }

  onArrow(key) {
    const at = this.pictures.findIndex((item) => item.id === this.stop);
    const { columns, count } = this.tiles;
    const screen = columns * Math.max(1, Math.floor(innerHeight / this.tiles.rowHeight) - 1);
    const goal = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - columns,
      ArrowDown: at + columns,
      PageUp: Math.max(0, at - screen),
      PageDown: Math.min(count - 1, at + screen),
      Home: 0,
      End: this.pictures.length - 1,
    }[key];
    if (goal === undefined) return false;
    this.focusOn(goal);
    return true;
  }

  focusOn(index) {
    const item = this.pictures[index];
    if (!item) return;
    this.tiles.reach(index)?.open.focus({ preventScroll: true });
    this.setStop(item.id);
  }
}

// Small things -------------------------------------------------------------------------------

function tellDate(created) {
  const moment = new Date(created);
  if (Number.isNaN(moment.getTime())) return "";
  const year = moment.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year });
}
