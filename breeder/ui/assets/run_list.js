// The list of runs of breeder, a Streamlit component (v2). No dependencies, no build.
//
// What the person asks for is shown at once, and for as long as the server has not answered.
// Names come from people: they are only ever set as text.

const MANY = 12; // runs; more than these scroll in a box of their own and can be filtered
const TELL_TIME_EVERY = 30_000; // ms
const COOKIE = "breeder_run";
const ONE_YEAR = 31_536_000; // s
const THUMBNAIL = 256; // px; the size that grids show, so most likely drawn already
const SLOW = ["open", "duplicate", "new", "new_grey", "undo", "restore"]; // they change the whole page

export default function runList(component) {
  return live(component, ".runs", RunList);
}

class RunList {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null; // the newest message
    this.rows = new Map(); // run id -> {frame, open, more, ...}
    this.stop = ""; // id of the one run in the tab order
    this.mode = { id: "", kind: "" }; // the run that is renamed or asked about
    this.menuOf = ""; // id of the run whose menu is open
    this.menuWas = ""; // the same when the pointer last went down
    this.painting = false; // rows may lose the focus while they move
    this.dismissed = ""; // id of the deleted run whose bar was closed
    this.outbox = new Outbox(() => this.paint());
    const part = (name) => root.querySelector(`.${name}`);
    this.parts = { template: root.querySelector("template") };
    for (const name of ["filter", "list", "menu", "none", "progress", "undo", "undo-text", "gone", "gone-list"]) {
      this.parts[name] = part(name);
    }
    this.parts.list.replaceChildren();
    this.listen();
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    const { root, parts } = this;
    root.addEventListener("click", (event) => this.onClick(event), { signal });
    root.addEventListener("focusin", (event) => this.onFocus(event), { signal });
    root.addEventListener("focusout", (event) => this.onBlur(event), { signal });
    root.addEventListener("pointerdown", () => (this.menuWas = this.menuOf), { signal });
    root.addEventListener("keydown", (event) => this.onKey(event), { signal });
    // Streamlit reruns the app for R and clears its cache for C, also while one types here.
    for (const type of ["keypress", "keyup"]) {
      root.addEventListener(type, silenceTyping, { signal });
    }
    parts.filter.addEventListener("input", () => this.paint(), { signal });
    parts.menu.addEventListener("toggle", () => this.onMenu(), { signal });
    const leave = () => this.menuOf && parts.menu.hidePopover();
    window.addEventListener("scroll", leave, { signal, capture: true, passive: true });
    window.addEventListener("resize", leave, { signal });
    this.clock = setInterval(() => this.tellTimes(), TELL_TIME_EVERY);
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    const first = !this.data;
    this.data = data;
    this.outbox.hear(data);
    if (data.deleted?.id !== this.dismissed) this.dismissed = "";
    if (data.current) remember(data.current);
    this.paint();
    if (first) this.scrollToCurrent();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    clearInterval(this.clock);
    this.outbox.close();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // Drawing ----------------------------------------------------------------------------------

  /** The runs as they will be when the server has done what was asked. */
  get runs() {
    const names = new Map();
    const gone = new Set();
    for (const { kind, id, name } of this.outbox.unanswered) {
      if (kind === "rename") names.set(id, name);
      if (kind === "delete") gone.add(id);
    }
    const left = this.data.runs.filter((run) => !gone.has(run.id));
    return left.map((run) => ({ ...run, name: names.get(run.id) ?? run.name }));
  }

  get current() {
    const opened = this.outbox.unanswered.filter((action) => action.kind === "open");
    return opened.at(-1)?.id ?? this.data.current;
  }

  paint() {
    const { parts, root, runs } = this;
    const focused = root.getRootNode().activeElement;
    parts.filter.hidden = runs.length <= MANY && !parts.filter.value;
    root.dataset.many = String(runs.length > MANY);
    const slow = this.outbox.unanswered.some((action) => SLOW.includes(action.kind));
    parts.progress.hidden = !slow;
    for (const act of ["new", "new_grey"]) {
      setAttribute(root.querySelector(`[data-act="${act}"]`), "aria-disabled", slow);
    }
    this.paintUndo();
    this.paintGone();
    this.painting = true;
    this.layRows(runs);
    this.paintRows(runs);
    this.painting = false;
    if (focused?.isConnected && focused !== root.getRootNode().activeElement) {
      focused.focus({ preventScroll: true }); // a row that moved lost it
    }
  }

  paintUndo() {
    const { deleted } = this.data;
    const undone = this.outbox.unanswered.some((action) => action.kind === "undo");
    this.parts.undo.hidden = !deleted || undone || deleted.id === this.dismissed;
    setText(this.parts["undo-text"], deleted ? `Deleted ${deleted.name}.` : "");
    this.parts["undo-text"].title = deleted ? deleted.name : "";
  }

  /** Shows the deleted runs that can be brought back, closed until somebody wants them. */
  paintGone() {
    const asked = this.outbox.unanswered.map((action) => action.kind === "restore" && action.id);
    const gone = (this.data.gone ?? []).filter((run) => !asked.includes(run.id));
    const { gone: box, "gone-list": list } = this.parts;
    box.hidden = !gone.length;
    setText(box.querySelector("summary"), `Deleted (${gone.length})`);
    const wanted = JSON.stringify(gone);
    if (list.dataset.shown === wanted) return;
    list.dataset.shown = wanted;
    list.replaceChildren(...gone.map((run) => this.newGoneRow(run)));
  }

  newGoneRow({ id, name, days }) {
    const row = this.parts.template.content.querySelector(".gone-row").cloneNode(true);
    row.dataset.gone = id;
    const shown = row.querySelector(".name");
    shown.textContent = shown.title = name;
    const left = days ? `${days} ${plural(days, "day")} left` : "until the next clearing up";
    row.querySelector(".facts").textContent = left;
    row.querySelector("button").setAttribute("aria-label", `Restore ${name}`);
    return row;
  }

  /** Makes the rows match in number and order; a row stays the same element while its run does. */
  layRows(runs) {
    const wanted = new Set(runs.map((run) => run.id));
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue;
      row.frame.remove();
      this.rows.delete(id);
    }
    let next = this.parts.list.firstElementChild;
    for (const run of runs) {
      const { frame } = this.rows.get(run.id) ?? this.newRow(run.id);
      if (frame === next) next = next.nextElementSibling;
      else this.parts.list.insertBefore(frame, next);
    }
  }

  newRow(id) {
    const frame = this.parts.template.content.firstElementChild.cloneNode(true);
    const row = { frame, url: null };
    for (const name of ["open", "more", "thumbnail", "name", "generations", "rename", "ask", "question"]) {
      row[name] = frame.querySelector(`.${name}`);
    }
    row.time = frame.querySelector("time");
    frame.dataset.run = id;
    this.rows.set(id, row);
    return row;
  }

  paintRows(runs) {
    const { current } = this;
    const wish = this.parts.filter.value.trim().toLowerCase();
    const ids = [];
    for (const run of runs) {
      const row = this.rows.get(run.id);
      this.paintRow(row, run, run.id === current);
      row.frame.hidden = !run.name.toLowerCase().includes(wish);
      if (!row.frame.hidden) ids.push(run.id);
    }
    setText(this.parts.none, wish && !ids.length ? "No run has such a name." : "");
    const stop = ids.includes(this.stop) ? this.stop : ids.includes(current) ? current : ids[0];
    this.setStop(stop ?? "");
  }

  paintRow(row, run, isCurrent) {
    const mode = this.mode.id === run.id ? this.mode.kind : "";
    setAttribute(row.frame, "data-current", isCurrent);
    setAttribute(row.frame, "data-mode", mode);
    if (isCurrent) row.open.setAttribute("aria-current", "true");
    else row.open.removeAttribute("aria-current");
    setText(row.name, run.name);
    setAttribute(row.name, "title", run.name);
    setText(row.generations, `${run.generations} ${plural(run.generations, "generation")}`);
    setAttribute(row.more, "aria-label", `More for ${run.name}`);
    row.rename.hidden = mode !== "rename";
    row.ask.hidden = mode !== "delete";
    setText(row.question, "Delete?");
    setAttribute(row.ask, "aria-label", `Delete ${run.name}?`);
    setAttribute(row.time, "datetime", run.updated);
    tellTime(row.time);
    if (row.url !== run.url) showThumbnail(row, run.url);
  }

  tellTimes() {
    for (const row of this.rows.values()) tellTime(row.time);
  }

  setStop(id) {
    this.stop = id;
    for (const [each, row] of this.rows) {
      row.open.tabIndex = each === id ? 0 : -1;
      row.more.tabIndex = each === id ? 0 : -1;
    }
  }

  scrollToCurrent() {
    const frame = this.rows.get(this.data.current)?.frame;
    const { list } = this.parts;
    if (!frame) return;
    const below = frame.offsetTop - list.offsetTop - (list.clientHeight - frame.offsetHeight) / 2;
    list.scrollTop = Math.max(0, below);
  }

  // What the person does ---------------------------------------------------------------------

  onClick(event) {
    const act = event.target.closest("[data-act]")?.dataset.act;
    const id = event.target.closest(".row")?.dataset.run ?? this.menuOf;
    if (!act || event.target.closest('[aria-disabled="true"]')) return;
    if (act === "more") this.toggleMenu(id, event.detail > 0);
    else if (act === "dismiss") this.dismiss();
    else if (act === "rename") this.startRename(id);
    else if (act === "delete") this.startDelete(id);
    else if (act === "yes") this.finishDelete(id);
    else if (act === "no") this.leaveMode("more");
    else if (act === "restore") this.send(act, event.target.closest("[data-gone]").dataset.gone);
    else this.send(act, act === "undo" ? this.data.deleted.id : act.startsWith("new") ? "" : id);
  }

  send(kind, id, name = "") {
    if (this.menuOf) this.parts.menu.hidePopover();
    if (kind === "open" && id === this.current) return;
    if (SLOW.includes(kind)) window.dispatchEvent(new Event("breeder-run-chosen"));
    this.outbox.put({ kind, id, name });
    this.paint();
  }

  dismiss() {
    this.dismissed = this.data.deleted?.id ?? "";
    this.paint();
    this.rows.get(this.stop)?.open.focus();
  }

  startRename(id) {
    this.parts.menu.hidePopover();
    this.mode = { id, kind: "rename" };
    this.paint();
    const { rename } = this.rows.get(id);
    rename.value = this.runs.find((run) => run.id === id).name;
    rename.focus();
    rename.select();
  }

  finishRename(focus) {
    const { id } = this.mode;
    const name = this.rows.get(id)?.rename.value.trim().replace(/\s+/g, " ") ?? "";
    const changed = name && name !== this.runs.find((run) => run.id === id)?.name;
    this.leaveMode(focus);
    if (changed) this.send("rename", id, name);
  }

  startDelete(id) {
    this.parts.menu.hidePopover();
    this.mode = { id, kind: "delete" };
    this.paint();
    this.rows.get(id).ask.querySelector('[data-act="no"]').focus();
  }

  finishDelete(id) {
    const { frame } = this.rows.get(id);
    const neighbour = frame.nextElementSibling ?? frame.previousElementSibling;
    this.mode = { id: "", kind: "" };
    this.send("delete", id);
    neighbour?.querySelector(".open").focus();
  }

  /** Ends renaming or asking; `focus` names the part of the row that the keyboard goes on from. */
  leaveMode(focus) {
    const row = this.rows.get(this.mode.id);
    this.mode = { id: "", kind: "" };
    this.paint();
    if (focus) row?.[focus].focus();
  }

  onFocus(event) {
    const id = event.target.closest(".row")?.dataset.run;
    if (id && id !== this.stop) this.setStop(id);
  }

  onBlur(event) {
    const field = event.target.closest(".rename");
    // Leaving the field keeps what was typed.
    const left = field && !this.painting && document.hasFocus();
    if (left && this.mode.kind === "rename") this.finishRename("");
  }

  onKey(event) {
    const { target, key } = event;
    if (target.matches("input")) event.stopPropagation(); // see silenceTyping
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const done = target.matches(".rename")
      ? this.onRenameKey(key)
      : target.matches(".filter")
        ? this.onFilterKey(key)
        : target.closest(".menu")
          ? this.onMenuKey(key)
          : this.onRowKey(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  onRenameKey(key) {
    if (key === "Enter") this.finishRename("open");
    else if (key === "Escape") this.leaveMode("more");
    return key === "Enter" || key === "Escape";
  }

  onFilterKey(key) {
    const { filter } = this.parts;
    if (key === "Escape" && filter.value) {
      filter.value = "";
      this.paint();
      return true;
    }
    const first = this.shown[0];
    if (!first || (key !== "Enter" && key !== "ArrowDown")) return false;
    if (key === "Enter") this.send("open", first);
    else this.rows.get(first).open.focus();
    return true;
  }

  onRowKey({ key, target }) {
    if (!target.closest(".row")) return false;
    if (this.mode.kind === "delete") {
      if (key === "Escape") this.leaveMode("more");
      return key === "Escape";
    }
    const { shown } = this;
    const at = shown.indexOf(this.stop);
    const goal = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: shown.length - 1 }[key];
    if (goal === undefined) return false;
    const id = shown[Math.max(0, Math.min(goal, shown.length - 1))];
    this.rows.get(id)?.open.focus();
    return true;
  }

  /** The runs that pass the filter, in order. */
  get shown() {
    const frames = this.parts.list.querySelectorAll(".row:not([hidden])");
    return [...frames].map((frame) => frame.dataset.run);
  }

  // Menu -------------------------------------------------------------------------------------

  toggleMenu(id, byPointer) {
    const { menu } = this.parts;
    // A pointer on the menu's own button has closed it already: then it stays closed.
    if (byPointer && this.menuWas === id) return;
    this.menuOf = id;
    menu.showPopover();
    const box = this.rows.get(id).more.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const below = box.bottom + 4 + height < innerHeight;
    menu.style.top = `${Math.max(8, below ? box.bottom + 4 : box.top - 4 - height)}px`;
    menu.style.left = `${Math.max(8, Math.min(box.right - width, innerWidth - width - 8))}px`;
    menu.querySelector("button").focus({ preventScroll: true });
  }

  onMenu() {
    if (!this.parts.menu.matches(":popover-open")) this.menuOf = "";
    for (const [id, row] of this.rows) {
      setAttribute(row.more, "aria-expanded", id === this.menuOf);
    }
  }

  onMenuKey(key) {
    const items = [...this.parts.menu.querySelectorAll("button")];
    const at = items.indexOf(this.root.getRootNode().activeElement);
    const last = items.length - 1;
    const goal = {
      ArrowDown: at < last ? at + 1 : 0,
      ArrowUp: at > 0 ? at - 1 : last,
      Home: 0,
      End: last,
    }[key];
    if (goal !== undefined) items[goal].focus();
    if (key === "Tab" || key === "Escape") {
      const { more } = this.rows.get(this.menuOf);
      this.parts.menu.hidePopover();
      more.focus();
    }
    return goal !== undefined || key === "Escape";
  }
}

// Small things -------------------------------------------------------------------------------

/** Keeps the run for a later visit; the server reads the cookie. */
function remember(id) {
  const value = encodeURIComponent(id);
  document.cookie = `${COOKIE}=${value}; path=/; max-age=${ONE_YEAR}; SameSite=Lax`;
}

function showThumbnail(row, url) {
  row.url = url;
  row.thumbnail.replaceChildren();
  if (!url) return;
  const image = new Image(44, 44);
  image.alt = "";
  image.loading = "lazy";
  image.decoding = "async";
  image.addEventListener("error", () => image.remove()); // the quiet square stays
  image.src = sized(url, THUMBNAIL);
  row.thumbnail.append(image);
}

function tellTime(element) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  setText(element, ago(moment, new Date()));
  setAttribute(
    element,
    "title",
    moment.toLocaleString(undefined, { dateStyle: "full", timeStyle: "short" }),
  );
}

/** "3 h ago"; beyond a week the date. */
function ago(moment, now) {
  const minutes = Math.floor((now - moment) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  const days = Math.floor(minutes / (24 * 60));
  if (days < 7) return `${days} ${plural(days, "day")} ago`;
  const year = moment.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year });
}
