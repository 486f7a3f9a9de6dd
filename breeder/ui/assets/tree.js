// The family tree of breeder, a Streamlit component (v2). D3 pans and zooms; the rest is drawn here.
//
// The tree is fetched from the server's addresses, not sent with every message: a message names the
// run and a version, and only another version is fetched again. Names and titles are set as text.

export default function tree(component) {
  return live(component, ".tree", Tree);
}

class Tree {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null;
    this.model = null;
    this.view = { selected: -1, compared: -1, hovered: -1, kin: new Set() };
    this.comparing = false;
    this.family = null; // the picture whose family is shown; null for the run's tree
    this.outbox = new Outbox(() => this.tellBusy());
    this.parts = {};
    const names = [
      "heading",
      "count",
      "back",
      "goal",
      "jump",
      "paper",
      "map",
      "waiting",
      "tip",
      "live",
      "runs",
      "stage",
    ];
    for (const name of names) this.parts[name] = root.querySelector(`.${name}`);
    this.painter = new TreePainter(this.parts.paper, this.parts.map);
    this.panel = new TreePanel(root);
    this.story = new TreeStory(root);
    // for those who measure and test: how long frames took, and where a picture is drawn
    this.parts.paper.times = this.painter.times;
    this.parts.paper.placeOf = (id) => this.placeOf(this.model.byId.get(id));
    this.listen();
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    const { paper, map, jump, stage } = this.parts;
    const on = (target, type, does) => target.addEventListener(type, does, { signal });
    on(this.root, "click", (event) => this.onClick(event));
    on(this.root, "keydown", (event) => this.onKey(event));
    for (const type of ["keypress", "keyup"]) on(this.root, type, silenceTyping);
    on(jump, "submit", (event) => this.onJump(event));
    on(jump, "input", () => this.sayMissing(""));
    on(paper, "click", (event) => this.onPaper(event));
    on(paper, "pointermove", (event) => this.onHover(event));
    on(paper, "pointerleave", () => this.hover(-1));
    on(map, "pointerdown", (event) => this.onMap(event));
    on(map, "pointermove", (event) => event.buttons && this.onMap(event));
    on(window, "breeder-gallery-changed", ({ detail }) => this.onGallery(detail.items));
    this.transform = d3.zoomIdentity;
    this.zoom = d3
      .zoom()
      .clickDistance(5)
      .on("zoom", ({ transform }) => {
        if (transform.k !== this.transform.k) this.thumbs?.hold();
        this.transform = transform;
        this.draw();
      });
    this.sheet = d3.select(paper).call(this.zoom).on("dblclick.zoom", null);
    this.resizing = new ResizeObserver(() => this.onSize());
    this.resizing.observe(stage);
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    const before = this.data;
    this.data = data;
    this.outbox.hear(data);
    this.tellBusy();
    makeReadable(this.root);
    this.painter.theme(this.root);
    if (before?.family !== data.family) this.family = data.family || null;
    if (
      before?.run !== data.run ||
      before.version !== data.version ||
      before.family !== data.family
    ) {
      this.load({ keep: before?.run === data.run && before.family === data.family });
    } else this.draw();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    this.resizing.disconnect();
    this.sheet.on(".zoom", null);
    this.outbox.close();
    this.story.destroy();
    this.thumbs?.close();
    this.gone = true;
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // The tree ---------------------------------------------------------------------------------

  /** Fetches the tree; with `keep`, what is chosen and in view stays. */
  async load({ keep = false, chosen = this.family || this.data.selected } = {}) {
    const loading = (this.loading = Symbol("loading"));
    const { waiting } = this.parts;
    if (!keep) waiting.hidden = false;
    setText(waiting, "Laying out the tree …");
    const address = this.family
      ? `/trees/family/${this.family}.json`
      : `/trees/run/${this.data.run}.json`;
    const plain = await ask(address);
    if (this.gone || this.loading !== loading) return;
    if (!plain?.ids.length) {
      waiting.hidden = false;
      this.parts.back.hidden = !this.family;
      setText(this.parts.back, `Back to ${this.data.name}`);
      setText(
        waiting,
        plain ? "This picture has no family here." : "The tree could not be read; reload the page.",
      );
      return;
    }
    const wanted = (keep && this.model?.ids[this.view.selected]) || chosen;
    const everything = this.model?.everything ?? false;
    this.thumbs?.close();
    this.model = new TreeModel(plain);
    const at = this.model.byId.get(wanted);
    if (everything || (at !== undefined && !this.model.isShown(at))) this.showEverything(true);
    this.thumbs = new Thumbs(this.model, () => this.draw());
    waiting.hidden = true;
    this.head();
    this.painter.fit();
    this.limit();
    if (!keep) this.goToStart(at);
    this.select(at ?? -1, { move: false });
    this.root.dataset.ready = plain.focus >= 0 ? "family" : "run";
    this.draw();
  }

  head() {
    const { heading, count, back, runs } = this.parts;
    const { model } = this;
    const isFamily = model.focus >= 0;
    setText(heading, isFamily ? "Family" : this.data.name);
    const grids = model.grids.length;
    const pictures = `${model.count.toLocaleString("en")} ${plural(model.count, "picture")}`;
    const where = isFamily
      ? `in ${model.runs.length} ${plural(model.runs.length, "run")} · columns count births`
      : `in ${grids.toLocaleString("en")} ${plural(grids, "grid")}`;
    const all = `${pictures} ${where}${model.cut ? "; the nearest kin" : ""}`;
    setText(count, model.only ? this.ancestorWords() : all);
    back.hidden = !isFamily && !model.only;
    setText(back, model.only ? "Show the whole tree" : `Back to ${this.data.name}`);
    const names = model.runs.length > 1 ? model.runs : [];
    runs.replaceChildren(
      ...names.slice(0, 12).map(([, name, deleted], run) => {
        const item = document.createElement("li");
        const colour = document.createElement("i");
        colour.className = "sign run";
        colour.style.background = runColour(run);
        item.append(colour, ` ${name}${deleted ? " (deleted)" : ""}`);
        return item;
      }),
    );
    this.parts.paper.setAttribute(
      "aria-label",
      `Family tree of ${this.data.name}: ${pictures} ${where}`,
    );
  }

  ancestorWords() {
    const others = this.model.only.size - 1;
    return `A picture and its ${others.toLocaleString("en")} ${plural(others, "ancestor")}`;
  }

  showEverything(on) {
    this.model.everything = on;
    this.model.lay();
    this.root.dataset.shown = on ? "all" : "chosen";
    for (const act of ["chosen", "all"]) {
      setAttribute(
        this.root.querySelector(`[data-act="${act}"]`),
        "aria-pressed",
        (act === "all") === on,
      );
    }
  }

  /** Draws when the browser draws next, once however often it is asked for. */
  draw() {
    if (this.asked || !this.model || this.gone) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      if (this.gone || !this.model || !this.painter.width) return;
      this.painter.paint(this.model, this.transform, this.view, this.thumbs);
      this.painter.paintMap(this.model, this.transform);
    });
  }

  // Moving -----------------------------------------------------------------------------------

  /** Takes up the room there is: the side comes and goes, and windows change. */
  onSize() {
    if (!this.painter.fit() || !this.model) return;
    this.limit();
    this.draw();
  }

  /** Keeps the tree within reach: some of it always stays in view. */
  limit() {
    const { left, top, right, bottom } = this.model.bounds;
    const { width, height } = this.painter;
    const whole = Math.min(width / (right - left + 2), (height - AXIS) / (bottom - top + 2));
    this.whole = Math.min(whole, this.model.grids.length > 1 ? 120 : 240);
    this.zoom.scaleExtent([Math.min(this.whole, 30), 420]);
    this.zoom.translateExtent([
      [left - 6, top - 8],
      [right + 6, bottom + 8],
    ]);
    this.zoom.extent([
      [0, 0],
      [width, height],
    ]);
  }

  startZoom() {
    const { top, bottom } = this.model.bounds;
    return Math.max(44, Math.min(72, (this.painter.height - AXIS) / (bottom - top + 1.5)));
  }

  /** The whole where its pictures can be seen at once, else the end of the way. */
  goToStart(chosen) {
    if (this.whole >= 36) this.fit({ smooth: false });
    else if (chosen === undefined) this.goToNow();
    else this.goTo(chosen, { zoom: this.startZoom() });
  }

  /** To where the run stands, with all of its grid in view. */
  goToNow({ zoom = this.startZoom(), smooth = false } = {}) {
    const { x, size, tip, now } = this.model;
    if (now < 0) return;
    const end = Math.max(...[now, ...(tip ?? [])].map((node) => x[node] + size[node]));
    const beyond = (end - x[now] - 0.5) * zoom + 16;
    const across = Math.max(0.2, Math.min(0.8, 1 - beyond / this.painter.width));
    this.goTo(now, { zoom, smooth, across });
  }

  goTo(node, { zoom = this.transform.k, smooth = false, across = 0.5 } = {}) {
    if (node < 0) return;
    const { x, y } = this.model;
    const { width, height } = this.painter;
    const to = d3.zoomIdentity
      .translate(width * across, (height + AXIS) / 2)
      .scale(zoom)
      .translate(-x[node] - 0.5, -y[node] - 0.5);
    this.move(to, smooth);
  }

  move(to, smooth) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (smooth && !calm) this.sheet.transition().duration(350).call(this.zoom.transform, to);
    else this.sheet.call(this.zoom.transform, to);
  }

  fit({ smooth = true } = {}) {
    const { left, top, right, bottom } = this.model.bounds;
    const { width, height } = this.painter;
    const to = d3.zoomIdentity
      .translate(width / 2, (height + AXIS) / 2)
      .scale(this.whole)
      .translate(-(left + right) / 2, -(top + bottom) / 2);
    this.move(to, smooth);
  }

  /** The middle of a node on the screen, in pixels from the corner of the canvas. */
  placeOf(node) {
    const half = this.model.size[node] / 2;
    const [x] = this.transform.apply([this.model.x[node] + half, 0]);
    return [x, this.painter.placer(this.model, this.transform).of(this.model.y[node] + half)];
  }

  /** Brings a node into view, if it is not. */
  reveal(node) {
    const [sx, sy] = this.placeOf(node);
    const { width, height } = this.painter;
    if (sx > 60 && sy > AXIS + 30 && sx < width - 60 && sy < height - 60) return;
    this.goTo(node, { smooth: true });
  }

  onMap(event) {
    const { mapPlace } = this.painter;
    if (!mapPlace) return;
    const { x, y, k } = { x: event.offsetX, y: event.offsetY, k: this.transform.k };
    const world = [(x - mapPlace.left) / mapPlace.kx, (y - mapPlace.top) / mapPlace.ky];
    const { width, height } = this.painter;
    this.move(
      d3.zoomIdentity
        .translate(width / 2, height / 2)
        .scale(k)
        .translate(-world[0], -world[1]),
      false,
    );
  }

  // Choosing ---------------------------------------------------------------------------------

  nodeAt(event) {
    if (!this.model) return -1;
    const [x] = this.transform.invert([event.offsetX, event.offsetY]);
    const y = this.painter.placer(this.model, this.transform).back(event.offsetY);
    return this.model.at(x, y, Math.max(0.12, 6 / this.transform.k));
  }

  onPaper(event) {
    const node = this.nodeAt(event);
    if (node < 0) return;
    if (this.comparing && this.view.selected >= 0 && node !== this.view.selected)
      this.compareWith(node);
    else this.select(node);
  }

  onHover(event) {
    if (event.buttons) return;
    this.hover(this.nodeAt(event));
    const { tip, paper } = this.parts;
    const node = this.view.hovered;
    tip.hidden = node < 0;
    if (node < 0) return;
    setText(tip, this.nameOf(node));
    tip.style.translate = `${Math.min(event.offsetX + 14, paper.clientWidth - 190)}px ${event.offsetY + 16}px`;
  }

  hover(node) {
    if (node === this.view.hovered) return;
    this.view.hovered = node;
    this.parts.paper.style.cursor = node < 0 ? "" : "pointer";
    if (node < 0) this.parts.tip.hidden = true;
    this.draw();
  }

  nameOf(node) {
    const { model } = this;
    const [, number, run] = model.grids[model.grid[node]];
    const words = [`Generation ${number}, picture ${model.slot[node] + 1}`];
    if (model.runs.length > 1) words.push(model.runs[run][1]);
    for (const mark of ["founder", "crossed", "favourite"])
      if (model.is(node, mark)) words.push(mark);
    if (model.is(node, "import")) words.push("brought in");
    if (model.isAutomatic(node)) words.push("bred by the autopilot");
    return words.join(" · ");
  }

  select(node, { move = true } = {}) {
    const { view, model } = this;
    this.invite(false);
    view.selected = node;
    view.compared = -1;
    view.kin = node < 0 ? new Set() : model.ancestors(node);
    if (node >= 0) for (const child of model.children[node]) view.kin.add(child);
    this.root.dataset.selected = node < 0 ? "" : model.ids[node];
    if (node < 0) this.panel.close();
    else {
      this.panel.show(model, node);
      this.onSize(); // the side takes some room
      if (move) this.reveal(node);
      setText(this.parts.live, this.nameOf(node));
    }
    this.draw();
  }

  /** Chooses a picture by its identity; one that the tree does not show brings its family. */
  choose(id) {
    const node = this.model.byId.get(id);
    if (node === undefined) return this.showFamily(id);
    if (this.comparing && node !== this.view.selected) return this.compareWith(node);
    if (!this.model.isShown(node)) {
      if (this.model.only) this.showOnly(-1);
      if (!this.model.isShown(node)) this.showEverything(true);
      this.limit();
    }
    this.select(node);
  }

  invite(on) {
    this.comparing = on;
    this.root.dataset.comparing = String(on);
    this.panel.invite(on);
  }

  compareWith(node) {
    this.invite(false);
    this.view.compared = node;
    this.panel.compare(this.model, node);
    this.draw();
  }

  /** Ends a comparison; else lets go of the chosen picture. */
  stepBack() {
    const { view } = this;
    if (this.comparing) this.invite(false);
    else this.select(view.compared >= 0 ? view.selected : -1, { move: false });
  }

  /** Hears what was said of pictures in the large view: they are kept, or called otherwise. */
  onGallery(items) {
    for (const { id, kept } of items) {
      const node = this.model?.byId.get(id);
      if (node === undefined) continue;
      if (this.model.is(node, "favourite") !== kept) this.model.marks[node] ^= MARKS.favourite;
      if (node === this.view.selected && this.view.compared < 0) this.panel.show(this.model, node);
    }
    this.draw();
  }

  showOnly(node) {
    this.model.showOnly(node);
    this.head();
    this.limit();
    if (node >= 0) this.goTo(node, { zoom: this.startZoom(), across: 0.8 });
    else this.reveal(this.view.selected >= 0 ? this.view.selected : this.model.now);
    this.draw();
  }

  showFamily(id) {
    this.family = id;
    this.load();
  }

  // What the person asks for -----------------------------------------------------------------

  onClick(event) {
    const face = event.target.closest("[data-face]")?.dataset.face;
    if (face) return this.choose(face);
    const make = event.target.closest("[data-make]")?.dataset.make;
    if (make) return this.story.make(make);
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "whole" && !this.model?.only) this.leaveFamily();
    else if (act && this.model) this.do(act);
  }

  do(act) {
    const { model, view } = this;
    const node = view.selected;
    const scaled = (by) => this.sheet.transition().duration(180).call(this.zoom.scaleBy, by);
    const acts = {
      in: () => scaled(1.6),
      out: () => scaled(1 / 1.6),
      fit: () => this.fit(),
      now: () =>
        this.goToNow({ zoom: Math.max(this.transform.k, this.startZoom()), smooth: true }),
      chosen: () => this.switchTo(false),
      all: () => this.switchTo(true),
      whole: () => this.showOnly(-1),
      close: () => this.stepBack(),
      "close-story": () => this.story.close(),
    };
    const onPicture = {
      breed: () => this.send("breed"),
      grid: () => this.send("grid"),
      open: () => this.send("open"),
      favourite: () => this.keep(),
      story: () => this.story.open(model.ids[node]),
      only: () => this.toggleOnly(node),
      compare: () => this.invite(!this.comparing),
      family: () => this.showFamily(model.ids[node]),
    };
    acts[act]?.();
    if (node >= 0) onPicture[act]?.();
  }

  switchTo(everything) {
    const { model } = this;
    if (model.only) this.showOnly(-1);
    this.showEverything(everything);
    this.limit();
    const node =
      this.view.selected >= 0 && model.isShown(this.view.selected) ? this.view.selected : model.now;
    this.goTo(node, { zoom: Math.max(this.whole, Math.min(this.transform.k, this.startZoom())) });
    this.draw();
  }

  toggleOnly(node) {
    this.showOnly(this.model.only ? -1 : node);
    const button = this.root.querySelector('[data-act="only"]');
    setAttribute(button, "aria-pressed", this.model.only !== null);
  }

  leaveFamily() {
    const chosen = this.model?.ids[this.view.selected] ?? "";
    this.family = null;
    this.load({ chosen });
  }

  send(kind, more = {}) {
    const { model, view } = this;
    const node = view.selected;
    const slow = ["breed", "grid"].includes(kind);
    if (slow && this.outbox.unanswered.some((each) => each.kind === kind)) return;
    const place = { generation: model.grids[model.grid[node]][0], slot: model.slot[node] };
    this.outbox.put({ kind, id: model.ids[node], ...place, ...more });
    this.tellBusy();
  }

  keep() {
    const { model, view } = this;
    const star = !model.is(view.selected, "favourite");
    model.marks[view.selected] ^= MARKS.favourite;
    this.send("favourite", { star });
    this.panel.mark(star);
    this.draw();
  }

  tellBusy() {
    const breeding = this.outbox.unanswered.some(({ kind }) => kind === "breed");
    this.root.dataset.busy = String(breeding);
    const button = this.root.querySelector('.panel [data-act="breed"]');
    if (button) setText(button, breeding ? "Breeding …" : "Breed from here");
  }

  onJump(event) {
    event.preventDefault();
    const text = this.parts.goal.value.trim().toLowerCase();
    if (!text || !this.model) return;
    const number = /^(?:g|gen|generation)?\s*#?(\d{1,6})$/.exec(text);
    const id = /^[0-9a-f]{6,32}$/.test(text)
      ? this.model.ids.findIndex((each) => each.startsWith(text))
      : -1;
    const node = id >= 0 ? id : number ? this.model.ofNumber(Number(number[1])) : -1;
    if (node >= 0) this.jumpTo(node);
    this.sayMissing(node >= 0 ? "" : number ? `generation ${number[1]}` : `picture ${text}`);
  }

  sayMissing(what) {
    const { goal, live } = this.parts;
    const words = what && `There is no ${what} here.`;
    setAttribute(goal, "aria-invalid", Boolean(what));
    goal.setCustomValidity(words);
    if (words) goal.reportValidity();
    setText(live, words);
  }

  /** Chooses a node, and goes near to it from afar. */
  jumpTo(node) {
    this.choose(this.model.ids[node]);
    if (this.transform.k < 40) this.goTo(node, { zoom: this.startZoom() });
  }

  onKey(event) {
    const { target, key } = event;
    if (target.matches("input, select")) {
      event.stopPropagation(); // see silenceTyping
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !this.model) return;
    const does = this.keyOf(key, target);
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  keyOf(key, target) {
    const { view, model } = this;
    if (key === "Escape") {
      if (this.story.id) return () => this.story.close();
      return view.selected >= 0 ? () => this.stepBack() : null;
    }
    const letters = { b: "breed", s: "story", f: "favourite", o: "open", c: "compare" };
    if (letters[key] && view.selected >= 0) return () => this.do(letters[key]);
    if (target !== this.parts.paper) return null;
    if (key.startsWith("Arrow")) {
      return () => this.select(view.selected < 0 ? model.now : model.neighbour(view.selected, key));
    }
    const acts = { "+": "in", "=": "in", "-": "out", 0: "fit", Home: "now" };
    return acts[key] ? () => this.do(acts[key]) : null;
  }
}
