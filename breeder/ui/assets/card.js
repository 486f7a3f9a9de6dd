// What is said of the picture that is open: title, stars, description, tags; where it lives, and what looks
// like it. A Streamlit component (v2). No dependencies, no build.
//
// Edits go to the desk at once and are shown as done; texts from people are only ever set as text.

const CARD_TYPING = 350; // ms of rest before what is typed is saved
const CARD_ALIKE = 6; // pictures
const CARD_STAR = "M12 4l2.5 5.1 5.6.8-4 3.9.9 5.6-5-2.6-5 2.6.9-5.600-4-3.900 5.600-.8z";

export default function card(component) {
  return live(component, ".card", Card);
}

class Card {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null; // the newest message
    this.item = null; // the picture as the server last told it
    this.timers = new Map(); // field -> timer of what is typed
    this.problem = "";
    this.parts = {};
    const names = ["title", "keep", "kept", "stars", "publish", "description", "chips", "new-tag"];
    for (const name of [...names, "state", "homes", "alike", "strip"]) {
      this.parts[name] = root.querySelector(`.${name}`);
    }
    this.parts.known = root.querySelector("datalist");
    this.outbox = new Outbox(() => {});
    this.desk = new Desk((answer) => this.onDesk(answer));
    this.makeStars();
    this.listen();
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    const { root, parts } = this;
    const on = (target, type, act) => target.addEventListener(type, act, { signal });
    on(root, "click", (event) => this.onClick(event));
    on(root, "keydown", (event) => this.onKey(event));
    for (const name of ["title", "description"]) {
      on(parts[name], "input", () => this.type(name));
      on(parts[name], "change", () => this.save(name));
    }
    on(parts["new-tag"], "change", () => this.addTag());
    for (const type of ["keypress", "keyup"]) on(root, type, silenceTyping);
    on(window, "pagehide", () => this.saveAll());
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    const other = data.item.id !== this.item?.id;
    if (other) this.saveAll();
    this.data = data;
    this.outbox.hear(data);
    // what the server tells while something is still on its way may be older
    if (other || !this.desk.saving) this.item = data.item;
    this.paint(other);
    if (other) this.showAlike();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.saveAll();
    this.ending.abort();
    this.desk.close();
    this.outbox.close();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  onDesk(answer) {
    if (answer) {
      const news = answer.items.find((item) => item.id === this.item?.id);
      this.problem = answer.error ?? "";
      const before = this.item;
      if (news) this.item = news.kept ? news : { ...this.bare(), kept: false };
      // names files and links, which the page writes
      const told = before && (before.title !== this.item.title || before.kept !== this.item.kept);
      if (told && !this.desk.saving) this.outbox.put({ kind: "changed", id: "" });
    }
    if (this.item) this.paint(false);
  }

  bare() {
    const { id } = this.item;
    return { id, title: "", description: "", tags: [], stars: 0, published: false, kept: false };
  }

  // Drawing ----------------------------------------------------------------------------------

  paint(other) {
    const { parts, root } = this;
    const item = this.desk.applied(this.item);
    const focused = root.getRootNode().activeElement;
    for (const name of ["title", "description"]) {
      if (other || (focused !== parts[name] && !this.timers.has(name))) {
        if (parts[name].value !== item[name]) parts[name].value = item[name];
      }
    }
    setText(parts.keep, item.kept ? "★ Kept" : "☆ Keep");
    setAttribute(parts.keep, "aria-pressed", item.kept);
    setAttribute(parts.publish, "aria-checked", item.published);
    for (const star of parts.stars.children) {
      const number = Number(star.dataset.value);
      setAttribute(star, "data-lit", number <= item.stars);
      setAttribute(star, "aria-checked", number === item.stars);
    }
    this.paintTags(item.tags);
    this.paintState(item);
    this.paintHomes();
  }

  paintTags(tags) {
    const key = JSON.stringify(tags);
    const { chips, known } = this.parts;
    if (chips.dataset.shown !== key) {
      chips.dataset.shown = key;
      chips.replaceChildren(...tags.map((tag) => this.tagChip(tag)));
    }
    const offered = JSON.stringify(this.data.tags);
    if (known.dataset.shown === offered) return;
    known.dataset.shown = offered;
    known.replaceChildren(...this.data.tags.map((tag) => new Option(tag, tag)));
  }

  tagChip(tag) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.dataset.act = "untag";
    chip.dataset.value = tag;
    chip.textContent = tag;
    chip.setAttribute("aria-label", `Take the tag ${tag} away`);
    return chip;
  }

  paintState(item) {
    const saving = this.desk.saving || this.timers.size > 0;
    const words = this.desk.late ? "Not saved yet: the server does not answer" : "Saving …";
    const rest = item.kept && this.touched ? "Saved" : "";
    setText(this.parts.state, this.problem || (saving ? words : rest));
    setAttribute(this.parts.state, "data-problem", Boolean(this.problem));
  }

  paintHomes() {
    const { homes } = this.parts;
    const { homes: places } = this.data;
    const key = JSON.stringify(places);
    homes.hidden = !places.length;
    if (homes.dataset.shown === key) return;
    homes.dataset.shown = key;
    const count = places.length;
    setText(homes.querySelector("summary"), `Lives in ${count} ${count === 1 ? "grid" : "grids"}`);
    const items = places.map((place) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "text";
      button.dataset.act = "go";
      button.dataset.value = place.generation;
      button.textContent = `${place.run}, generation ${place.number}`;
      button.title = `Go to this grid; the picture is number ${place.slot + 1} there`;
      line.append(button);
      if (place.note) line.append(Object.assign(document.createElement("small"), { textContent: place.note }));
      return line;
    });
    homes.querySelector("ul").replaceChildren(...items);
    homes.open = count <= 3;
  }

  async showAlike() {
    const { id } = this.item;
    const { alike, strip } = this.parts;
    alike.hidden = true;
    let found = [];
    try {
      const asked = new URLSearchParams({ like: id, limit: CARD_ALIKE + 1 });
      const answer = await fetch(`/gallery/pictures?${asked}`, { signal: this.ending.signal });
      if (answer.ok) found = (await answer.json()).items;
    } catch {
      return;
    }
    if (id !== this.item.id) return;
    const others = found.filter((item) => item.id !== id).slice(0, CARD_ALIKE);
    strip.replaceChildren(...others.map((item) => this.thumbnail(item)));
    alike.hidden = !others.length;
  }

  thumbnail(item) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.act = "open";
    button.dataset.value = item.id;
    button.title = item.title;
    button.setAttribute("aria-label", `Open ${item.title || "this picture"}`);
    const image = new Image();
    image.alt = "";
    image.src = sized(`/picture/${item.id}.jpg`, 256);
    button.append(image);
    return button;
  }

  makeStars() {
    const { stars } = this.parts;
    const made = [1, 2, 3, 4, 5].map((number) => {
      const star = document.createElement("button");
      star.type = "button";
      star.dataset.act = "stars";
      star.dataset.value = number;
      star.setAttribute("role", "radio");
      star.setAttribute("aria-label", `${number} ${plural(number, "star")}`);
      star.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${CARD_STAR}"/></svg>`;
      return star;
    });
    stars.replaceChildren(...made);
  }

  // What the person does ---------------------------------------------------------------------

  put(change) {
    const { kept, id } = this.desk.applied(this.item);
    const keeps = !kept && !("kept" in change) ? { kept: true } : {}; // what is told of is kept
    this.touched = true;
    this.desk.put({ ids: [id], run: this.data.run, ...keeps, ...change });
  }

  /** Keeps the picture or no longer; one that is kept again gets back what was said of it. */
  toggleKept(item) {
    if (item.kept) {
      this.before = item;
      this.put({ kept: false });
      return;
    }
    const { id, title, description, tags, stars, published } = this.before ?? {};
    const told = id === item.id ? { title, description, tags, stars, published } : {};
    this.put({ kept: true, ...told });
  }

  type(name) {
    clearTimeout(this.timers.get(name));
    this.timers.set(name, setTimeout(() => this.save(name), CARD_TYPING));
    this.paintState(this.desk.applied(this.item));
  }

  save(name) {
    clearTimeout(this.timers.get(name));
    const typed = this.timers.delete(name);
    const raw = this.parts[name].value;
    const value = name === "title" ? raw.trim().replace(/\s+/g, " ") : raw.trim();
    if (value !== this.desk.applied(this.item)[name]) this.put({ [name]: value });
    else if (typed) this.paintState(this.item);
  }

  saveAll() {
    if (!this.item) return;
    for (const name of [...this.timers.keys()]) this.save(name);
  }

  addTag() {
    const field = this.parts["new-tag"];
    const tags = field.value.split(",").map((tag) => tag.trim().toLowerCase().replace(/\s+/g, " "));
    const fresh = tags.filter(Boolean);
    field.value = "";
    if (!fresh.length) return;
    const { tags: old } = this.desk.applied(this.item);
    this.put({ tags: [...new Set([...old, ...fresh])] });
  }

  onClick(event) {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const { act, value } = button.dataset;
    const item = this.desk.applied(this.item);
    const acts = {
      keep: () => this.toggleKept(item),
      publish: () => this.put({ published: !item.published }),
      stars: () => this.put({ stars: Number(value) === item.stars ? 0 : Number(value) }),
      untag: () => this.put({ tags: item.tags.filter((tag) => tag !== value) }),
      go: () => this.outbox.put({ kind: "go", id: value }),
      open: () => this.outbox.put({ kind: "open", id: value }),
      family: () => this.outbox.put({ kind: "family", id: item.id }),
      like: () => this.seeAlike(item.id),
    };
    acts[act]?.();
  }

  /** A gallery behind the dialog shows what is alike itself; else the page goes there. */
  seeAlike(id) {
    const event = new CustomEvent("breeder-gallery-like", { detail: id, cancelable: true });
    this.outbox.put({ kind: window.dispatchEvent(event) ? "like" : "close", id });
  }

  onKey(event) {
    const { target, key } = event;
    const typing = target.matches("input, textarea");
    if (typing && key !== "Escape") event.stopPropagation(); // see silenceTyping
    if (event.isComposing || !typing) return;
    if (key === "Enter" && target.matches("input")) {
      event.preventDefault();
      if (target.matches(".new-tag")) this.addTag();
      else this.save("title");
    } else if (key === "Backspace" && target.matches(".new-tag") && !target.value) {
      const { tags } = this.desk.applied(this.item);
      if (tags.length) this.put({ tags: tags.slice(0, -1) });
    }
  }
}
