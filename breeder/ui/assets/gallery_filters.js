// What is searched and filtered by: the controls above the gallery, and the page's address; put after
// shared.js. The address holds all of it, so that a search can be linked and survives a reload.

const TYPING = 140; // ms of rest before a search begins
const ADDRESS_WATCH = 700; // ms
const LEVELS = 5; // of complexity
const FIELDS = ["q", "kind", "in", "since", "until", "sort", "stars", "complexity", "like", "color"];
const DAY = 86_400_000; // ms
const WHEN = { today: 0, week: 6, month: 30, year: 365 }; // days back

class Filters {
  constructor(root, onChange) {
    this.root = root;
    this.onChange = onChange;
    this.timer = 0;
    const part = (name) => root.querySelector(`.${name}`);
    this.parts = { swatches: part("swatches"), chips: part("chips"), tags: part("tag-list") };
    for (const name of ["search", "sort", "kind", "when", "since", "until", "in", "find-tag"]) {
      this.parts[name] = part(name);
    }
    for (const name of ["between", "levels", "least", "more", "panel", "tag-none", "active"]) {
      this.parts[name] = part(name);
    }
    this.facets = { tags: [], runs: [], colors: [] };
    this.read();
  }

  listen(signal) {
    const { parts, root } = this;
    const on = (target, type, act) => target.addEventListener(type, act, { signal });
    on(parts.search, "input", () => this.type());
    for (const name of ["sort", "kind", "in"]) {
      on(parts[name], "change", () => this.set({ [name]: parts[name].value }));
    }
    on(parts.when, "change", () => this.setWhen(parts.when.value));
    for (const name of ["since", "until"]) {
      on(parts[name], "change", () => this.set({ [name]: parts[name].value }));
    }
    on(parts["find-tag"], "input", () => this.paintTags());
    on(root, "click", (event) => this.onClick(event));
    on(window, "popstate", () => {
      this.read();
      this.paint();
      this.onChange();
    });
    // The server names in the address what it knows, which may be an older search.
    if (window.navigation) on(navigation, "currententrychange", () => this.write());
    this.watch = setInterval(() => this.write(), ADDRESS_WATCH);
    this.path = location.pathname;
  }

  // The address ------------------------------------------------------------------------------

  read() {
    const asked = new URLSearchParams(location.search);
    this.values = Object.fromEntries(FIELDS.map((name) => [name, asked.get(name) ?? ""]));
    this.tags = [...new Set(asked.getAll("tag"))];
    this.between = Boolean(this.values.until);
    this.parts.search.value = this.values.q;
  }

  /** Names the search in the address; Streamlit's own part of it stays. */
  write() {
    if (this.path && location.pathname !== this.path) return; // another page is on its way
    const address = new URL(location.href);
    const { searchParams } = address;
    for (const name of FIELDS) {
      if (this.values[name]) searchParams.set(name, this.values[name]);
      else searchParams.delete(name);
    }
    searchParams.delete("tag");
    for (const tag of this.tags) searchParams.append("tag", tag);
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  /** What is asked of the server. */
  get query() {
    const query = new URLSearchParams();
    for (const name of FIELDS) if (this.values[name]) query.set(name, this.values[name]);
    for (const tag of this.tags) query.append("tag", tag);
    return query.toString();
  }

  get any() {
    const { sort, ...rest } = this.values;
    return this.tags.length > 0 || Object.values(rest).some(Boolean);
  }

  // What the person does ---------------------------------------------------------------------

  set(changes) {
    clearTimeout(this.timer);
    Object.assign(this.values, changes, { q: this.parts.search.value.trim() });
    if ("like" in changes && !changes.like && this.values.sort === "like") this.values.sort = "";
    this.write();
    this.paint();
    this.onChange();
  }

  type() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.set({}), TYPING);
  }

  clear() {
    this.tags = [];
    this.between = false;
    this.parts.search.value = "";
    const sort = this.values.sort;
    this.set(Object.fromEntries(FIELDS.map((name) => [name, name === "sort" ? sort : ""])));
  }

  setWhen(name) {
    this.between = name === "between";
    const back = WHEN[name];
    if (this.between) this.set({});
    else this.set({ since: back === undefined ? "" : dayBefore(back), until: "" });
    if (this.between) this.parts.since.focus();
  }

  onClick(event) {
    const button = event.target.closest("[data-filter]");
    if (!button) return;
    const { filter, value } = button.dataset;
    const { values } = this;
    const acts = {
      clear: () => this.clear(),
      more: () => this.showMore(),
      color: () => this.set({ color: toggled(values.color, value) }),
      level: () => this.set({ complexity: span(values.complexity, Number(value)) }),
      stars: () => this.set({ stars: values.stars === value ? "" : value }),
      tag: () => this.toggleTag(value),
      drop: () => (value === "q" ? this.clearSearch() : this.set({ [value]: "" })),
    };
    acts[filter]?.();
  }

  clearSearch() {
    this.parts.search.value = "";
    this.set({});
    this.parts.search.focus();
  }

  toggleTag(tag) {
    const had = this.tags.includes(tag);
    this.tags = had ? this.tags.filter((each) => each !== tag) : [...this.tags, tag];
    this.set({});
  }

  showMore() {
    const { panel, more } = this.parts;
    const open = panel.dataset.open !== "true";
    panel.dataset.open = String(open);
    setAttribute(more, "aria-expanded", open);
  }

  // Drawing ----------------------------------------------------------------------------------

  show(facets) {
    this.facets = facets;
    this.paint();
  }

  paint() {
    const { parts, values } = this;
    for (const name of ["sort", "kind"]) parts[name].value = values[name];
    this.paintSort();
    this.paintRuns();
    this.paintWhen();
    this.paintSwatches();
    this.paintLevels();
    this.paintStars();
    this.paintTags();
    this.paintChips();
  }

  paintSort() {
    const { sort } = this.parts;
    sort.querySelector('[value="like"]').hidden = !this.values.like;
    sort.value = this.values.like && !this.values.sort ? "like" : this.values.sort;
  }

  paintRuns() {
    const { in: field } = this.parts;
    const runs = this.facets.runs;
    const known = JSON.stringify(runs);
    if (field.dataset.known !== known) {
      field.dataset.known = known;
      const options = runs.map(({ id, name, count }) => new Option(`${name} (${count})`, id));
      field.replaceChildren(new Option("Any run", ""), ...options);
    }
    const { in: wanted } = this.values;
    if (wanted && !runs.some((run) => run.id === wanted)) field.add(new Option("This run", wanted));
    field.value = wanted;
  }

  paintWhen() {
    const { parts, values } = this;
    parts.since.value = values.since;
    parts.until.value = values.until;
    const named = Object.entries(WHEN).find(([, back]) => values.since === dayBefore(back));
    const between = this.between || values.until || (values.since && !named);
    parts.when.value = between ? "between" : (named?.[0] ?? "");
    parts.between.hidden = !between;
  }

  paintSwatches() {
    const chosen = this.values.color.split(",").filter(Boolean);
    const { swatches } = this.parts;
    if (!swatches.childElementCount) {
      swatches.replaceChildren(...this.facets.colors.map((name) => swatch(name)));
    }
    for (const each of swatches.children) {
      setAttribute(each, "aria-pressed", chosen.includes(each.dataset.value));
    }
  }

  paintLevels() {
    const [low, high] = levelsOf(this.values.complexity);
    for (const each of this.parts.levels.querySelectorAll("button")) {
      const level = Number(each.dataset.value);
      setAttribute(each, "aria-pressed", low <= level && level <= high);
    }
  }

  paintStars() {
    const least = Number(this.values.stars) || 0;
    for (const each of this.parts.least.querySelectorAll("button")) {
      setAttribute(each, "aria-pressed", Number(each.dataset.value) <= least);
    }
  }

  paintTags() {
    const { tags, "find-tag": field, "tag-none": none } = this.parts;
    const wish = field.value.trim().toLowerCase();
    const found = this.facets.tags.filter(({ tag }) => tag.toLowerCase().includes(wish));
    const items = found.slice(0, 60).map(({ tag, count }) => {
      const item = button("tag", tag, tag);
      item.append(Object.assign(document.createElement("small"), { textContent: count }));
      setAttribute(item, "aria-pressed", this.tags.includes(tag));
      return item;
    });
    tags.replaceChildren(...items);
    field.hidden = this.facets.tags.length <= 12 && !wish;
    setText(none, this.facets.tags.length ? (found.length ? "" : "No such tag.") : "No tags yet.");
  }

  levelWords() {
    const [low, high] = levelsOf(this.values.complexity);
    const word = (level) => this.parts.levels.children[level - 1]?.title.toLowerCase() ?? "";
    return low === high ? word(low) : `${word(low)} to ${word(high)}`;
  }

  /** The chips tell what narrows the search, and each takes its part away. */
  paintChips() {
    const { values } = this;
    const run = this.facets.runs.find(({ id }) => id === values.in)?.name ?? "one run";
    const words = {
      color: values.color.split(",").join(" and "),
      complexity: this.levelWords(),
      stars: `${"★".repeat(Number(values.stars) || 0)} or more`,
      kind: values.kind === "published" ? "published" : "not published",
      in: run,
      since: values.until ? "" : `since ${values.since}`,
      until: `${values.since || "…"} to ${values.until}`,
    };
    const chips = this.tags.map((tag) => chip(tag, "tag", tag));
    for (const [name, text] of Object.entries(words)) {
      if (values[name] && text) chips.push(chip(text, "drop", name));
    }
    if (values.like) {
      const like = chip("like this", "drop", "like");
      const image = new Image();
      image.alt = "";
      image.src = sized(`/picture/${values.like}.jpg`, 64);
      like.prepend(image);
      chips.unshift(like);
    }
    const narrowing = chips.length;
    if (narrowing && narrowing + (values.q ? 1 : 0) > 1) chips.push(chip("Clear all", "clear", ""));
    this.parts.chips.replaceChildren(...chips);
    this.parts.chips.hidden = !narrowing;
    setText(this.parts.active, narrowing ? String(narrowing) : "");
    this.parts.active.hidden = !narrowing;
  }

  close() {
    clearTimeout(this.timer);
    clearInterval(this.watch);
  }
}

// Small things -------------------------------------------------------------------------------

function button(filter, value, text) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.filter = filter;
  made.dataset.value = value;
  made.append(text);
  return made;
}

function chip(text, filter, value) {
  const made = button(filter, value, text);
  made.className = filter === "clear" ? "chip clear" : "chip";
  if (filter !== "clear") made.setAttribute("aria-label", `Remove the filter ${text}`);
  return made;
}

function swatch(name) {
  const made = button("color", name, "");
  made.className = `swatch ${name}`;
  made.title = name[0].toUpperCase() + name.slice(1);
  made.setAttribute("aria-label", made.title);
  return made;
}

/** A list of names in a text, with one more or one less. */
function toggled(text, name) {
  const names = text.split(",").filter(Boolean);
  const left = names.filter((each) => each !== name);
  return (left.length < names.length ? left : [...names, name]).join(",");
}

/** "2-4": the levels of complexity after one was pressed; a span grows towards it, or ends. */
function span(text, level) {
  const [low, high] = levelsOf(text);
  if (!text) return String(level);
  if (low === high && level === low) return "";
  if (low <= level && level <= high) return String(level);
  return `${Math.min(low, level)}-${Math.max(high, level)}`;
}

function levelsOf(text) {
  const [low, high] = text.split("-").map(Number);
  const inside = (level) => level >= 1 && level <= LEVELS;
  if (!text || !inside(low)) return [0, 0];
  return [low, inside(high) ? high : low];
}

function dayBefore(days) {
  const moment = new Date(Date.now() - days * DAY);
  const two = (number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
