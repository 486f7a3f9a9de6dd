// The desk of the Lab, a Streamlit component (v2): experiments, one live picture, its settings.
//
// The desk leads: what is moved here is drawn at once, by an address that carries all settings,
// and the page's script hears of it when the hand rests. The script puts it into the page's address
// and shows the sections below. Texts from links and people are only ever set as text.

const RESTS_AFTER = 350; // ms without a change until the page hears of it
const RESTS_LONG = 900; // ms more until its colours are asked for
const STRIP = 8; // pictures of other seeds at a time
const MOST_SHOWN = 2048; // px along a side that the picture on the page has at most
const OF_THE_ADDRESS = /^Cannot read the Lab's address: /; // where it was typed, and no link
const BARELY = 1e-9;

export default function lab(component) {
  return live(component, ".lab", Lab);
}

class Lab {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null; // the newest message
    this.settings = null; // texts by key, of all keys
    this.taken = null; // the page's turn whose settings were taken
    this.strip = 0; // the first seed of the strip
    this.timer = 0;
    this.outbox = new Outbox(() => this.showTrouble());
    this.parts = {};
    for (const each of root.querySelectorAll("[class]")) {
      this.parts[each.getAttribute("class").split(" ")[0]] ??= each;
    }
    this.controls = new Controls(this.parts.controls, (values, live) => this.change(values, live));
    this.picture = new LivePicture({
      show: (bitmap, head) => this.paint(bitmap, head),
      progress: (share) => this.showProgress(share),
      fail: (message) => this.fail(message),
    });
    this.gallery = new Gallery(root.querySelector(".presets"));
    this.seeds = new Thumbs();
    this.take = new Take(this.parts.take, this.parts.news);
    this.listen();
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    const { root, parts } = this;
    root.addEventListener("click", (event) => this.onClick(event), { signal });
    for (const type of ["keydown", "keypress", "keyup"]) {
      root.addEventListener(type, silenceKeys, { signal });
    }
    parts.controls.addEventListener("submit", (event) => event.preventDefault(), { signal });
    new View(parts.frame, () => this.settings, (values, live) => this.change(values, live), signal);
    addEventListener("popstate", () => this.onBack(), { signal });
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(parts.frame);
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    const first = !this.data;
    const other = !first && data.ear !== this.outbox.ear; // a restarted server knows less than we
    this.data = data;
    this.outbox.hear(data);
    if (first) {
      this.controls.build(data.groups);
      this.gallery.build(data.presets);
    }
    if (first) this.arrive();
    else if (data.turn !== this.taken && !other) this.adopt(data.settings);
    this.taken = data.turn;
    if (other) this.say();
    this.busy = this.outbox.unanswered.some(({ kind }) => kind === "breed");
    makeReadable(this.root);
    this.showTrouble();
    this.showActs();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    clearTimeout(this.timer);
    clearTimeout(this.resting);
    this.ending.abort();
    this.resizing.disconnect();
    this.picture.stop();
    this.naming?.abort();
    this.gallery.destroy();
    this.seeds.stop();
    this.take.destroy();
    this.outbox.close();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  /** Begins with what the page's address says, and else with what the page remembers. */
  arrive() {
    const there = this.data.notice ? null : this.read(location.search);
    this.adopt(there ?? this.data.settings);
    const remembered = { ...this.data.defaults, ...this.data.settings };
    if (there && this.queryOf(this.settings) !== this.queryOf(remembered)) this.say();
  }

  // Settings ---------------------------------------------------------------------------------

  /** Takes over settings from the page: an address, another section, or the start. */
  adopt(settings) {
    this.settings = { ...this.data.defaults, ...settings };
    this.strip = Number(this.settings.seed);
    this.show();
    this.gallery.reach(this.settings.preset);
    this.rest();
  }

  /** Changes settings by hand; `live` while a slider or the picture is held. */
  change(values, live) {
    Object.assign(this.settings, values);
    this.complaint = "";
    this.show();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), live ? RESTS_AFTER : 0);
  }

  settle() {
    this.say();
    this.rest();
  }

  /** Tells the page where the desk stands; what was said before and not heard is needless. */
  say() {
    this.outbox.forget(({ kind }) => kind === "settings");
    this.outbox.put({ kind: "settings", address: this.address }, { forEver: true });
  }

  /** What may wait until the hand rests: pictures of other seeds. */
  rest() {
    const seed = Number(this.settings.seed);
    if (seed < this.strip || seed >= this.strip + STRIP) this.strip = seed;
    this.showSeeds();
    this.name();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.showColours(), RESTS_LONG);
  }

  /** Shows the colours that sum up the picture; a click copies one. */
  async showColours() {
    const query = this.queryOf({ ...this.settings, caption: "" });
    if (query === this.coloured) return;
    let found = [];
    try {
      const answer = await fetch(`/lab/colors?${query}`, { signal: this.ending.signal });
      if (answer.ok) found = await answer.json();
    } catch {
      return;
    }
    if (query !== this.queryOf({ ...this.settings, caption: "" })) return;
    this.coloured = query;
    this.parts.swatches.replaceChildren(...found.map(({ hex }) => swatch(hex, this.root)));
  }

  /** Names what there is to see: goo, saturation, noise. */
  async name() {
    this.naming?.abort();
    this.naming = new AbortController();
    const { signal } = this.naming;
    const query = this.queryOf({ ...this.settings, caption: "" });
    if (query === this.named) return;
    let found = [];
    try {
      const answer = await fetch(`/lab/findings?${query}`, { signal });
      if (answer.ok) found = await answer.json();
    } catch {
      if (signal.aborted) return;
    }
    if (signal.aborted) return;
    this.named = query;
    this.parts.named.replaceChildren(
      ...found.map(({ name, reason }) => {
        const flag = made("li", "flag", name);
        flag.title = reason;
        flag.tabIndex = 0;
        flag.append(made("span", "reason", reason));
        return flag;
      }),
    );
  }

  onBack() {
    const settings = this.read(location.search);
    if (!location.pathname.endsWith("/lab") || !settings) return;
    clearTimeout(this.timer);
    this.adopt(settings);
    this.say();
  }

  read(search) {
    const given = Object.fromEntries(new URLSearchParams(search));
    const preset = this.data.presets.find((each) => each.id === given.preset);
    return given.v ? given : preset ? { ...preset.settings, ...given } : null;
  }

  /** The settings that differ from what is usual, as the server reads them. */
  queryOf(settings) {
    const { defaults } = this.data;
    const pairs = this.data.names
      .filter((name) => !alike(settings[name], defaults[name]))
      .map((name) => [name, settings[name]]);
    return new URLSearchParams([["v", this.data.version], ...pairs]).toString();
  }

  get address() {
    const { preset, size } = this.settings;
    const more = new URLSearchParams();
    if (preset) more.set("preset", preset);
    if (size !== this.data.defaults.size) more.set("size", size);
    if (this.data.section) more.set("section", this.data.section);
    if (this.data.below) more.set("below", this.data.below);
    const tail = more.toString();
    return this.queryOf(this.settings) + (tail && `&${tail}`);
  }

  // The picture ------------------------------------------------------------------------------

  show() {
    this.controls.show(this.settings);
    this.gallery.show(this.settings.preset);
    this.showLook();
    this.showActs();
    this.draw();
    this.take.show({ query: this.queryOf(this.settings), size: this.asked() });
  }

  draw() {
    if (!this.settings) return;
    const { frame } = this.parts;
    const [width, height] = this.asked();
    frame.style.setProperty("--aspect", width / height);
    if (!frame.clientWidth) return;
    const [across, down] = this.pixels(width, height);
    const wish = `/lab/live?${this.queryOf(this.settings)}&width=${across}&height=${down}`;
    if (wish === this.picture.wish) return;
    this.root.dataset.decoded = "false";
    if (this.parts["under-way"].hidden) this.showProgress(0); // it fades in late
    this.picture.want(wish);
  }

  /** Width and height that the settings ask for; those of the place on the page for "screen". */
  asked() {
    const size = /^(\d+)x(\d+)$/.exec(this.settings.size);
    return size ? [Number(size[1]), Number(size[2])] : [1, 1];
  }

  pixels(width, height) {
    if (this.settings.size === "screen") {
      const side = this.parts.frame.clientWidth * Math.min(devicePixelRatio, 2);
      return Array(2).fill(Math.min(MOST_SHOWN, Math.max(64, Math.ceil(side / 32) * 32)));
    }
    const share = Math.min(1, MOST_SHOWN / Math.max(width, height));
    return [Math.round(width * share), Math.round(height * share)];
  }

  paint(bitmap, head) {
    const { canvas, frame } = this.parts;
    const { width, height } = head.whole;
    if (canvas.width !== width || canvas.height !== height) {
      [canvas.width, canvas.height] = [width, height];
    }
    const context = canvas.getContext("2d", { alpha: false });
    context.imageSmoothingEnabled = true;
    context.drawImage(bitmap, 0, 0, width, height);
    canvas.dataset.blocks = String(frame.clientWidth * devicePixelRatio > 2.2 * width);
    this.complaint = "";
    this.facts = head.facts ?? this.facts;
    this.showProgress(head.last ? 1 : head.share);
    setText(this.parts.facts, factsOf(this.facts, head));
    if (head.last) {
      this.root.dataset.decoded = "true";
      this.root.dataset.shown = this.picture.wish ?? "";
      performance.mark("breeder:lab:shown");
    }
    this.showTrouble();
    this.showActs();
  }

  showProgress(share) {
    const { bar, track } = this.parts;
    this.parts["under-way"].hidden = share >= 1;
    bar.style.transform = `translateX(${100 * share - 100}%)`;
    setAttribute(track, "aria-valuenow", Math.floor(100 * share));
  }

  fail(message) {
    const reason = message.replace(OF_THE_ADDRESS, "");
    this.complaint = reason.charAt(0).toUpperCase() + reason.slice(1);
    this.showProgress(1);
    this.showTrouble();
  }

  stop() {
    this.picture.stop();
    this.showProgress(1);
    setText(this.parts.facts, "Stopped; move anything to draw again.");
  }

  showTrouble() {
    const { trouble } = this.parts;
    const words = this.complaint || this.data?.notice || "";
    setText(trouble, words);
    trouble.hidden = !words;
  }

  showLook() {
    const { look } = this.parts;
    const preset = this.preset;
    look.hidden = !preset;
    if (!preset) return;
    setText(this.parts["look-name"], preset.title);
    setText(this.parts["look-for"], preset.look);
    const again = this.parts["look-again"];
    const itself = { ...this.data.defaults, ...preset.settings };
    again.hidden = this.queryOf(itself) === this.queryOf(this.settings);
    again.dataset.preset = preset.id;
  }

  get preset() {
    return this.data.presets.find((each) => each.id === this.settings.preset);
  }

  showActs() {
    const { strong } = this.parts;
    const too = this.facts?.breed ?? "";
    strong.disabled = Boolean(too) || this.busy;
    setAttribute(strong, "title", too || "Start a run from this network, in the grid");
    setText(this.parts["too-large"], too);
    this.parts["too-large"].hidden = !too;
    setText(strong, this.busy ? "Starting a run …" : "Breed this");
  }

  // Experiments and seeds --------------------------------------------------------------------

  showSeeds() {
    const { seeds } = this.parts;
    const wanted = Array.from({ length: STRIP }, (_, place) => this.strip + place);
    while (seeds.childElementCount < STRIP) seeds.append(seedCard());
    const loads = wanted.map((seed, place) => {
      const button = seeds.children[place].firstElementChild;
      button.dataset.seed = String(seed);
      setText(button.querySelector(".name"), String(seed));
      setAttribute(button, "aria-label", `Seed ${seed}`);
      setAttribute(button, "aria-pressed", String(seed) === this.settings.seed);
      const query = this.queryOf({ ...this.settings, seed: String(seed), caption: "" });
      return [button.querySelector(".thumb"), `${thumbOf(query, 128)}&sketch=1`];
    });
    this.seeds.load(loads);
  }

  // What the person does ---------------------------------------------------------------------

  onClick(event) {
    const { act, preset, seed } = event.target.closest("button")?.dataset ?? {};
    if (preset) this.load(preset);
    else if (seed) this.change({ seed }, false);
    else if (act) this.act(act);
  }

  act(act) {
    const acts = {
      another: () => this.change({ seed: String(Math.floor(Math.random() * 1e6)) }, false),
      "more-seeds": () => {
        this.strip += STRIP;
        this.showSeeds();
      },
      stop: () => this.stop(),
      breed: () => this.breed(),
      link: () => this.copy(),
      take: () => {
        const open = this.parts.take.toggleAttribute("hidden");
        const button = this.root.querySelector('[data-act="take"]');
        setAttribute(button, "aria-expanded", !open);
      },
    };
    acts[act]?.();
  }

  load(id) {
    const preset = this.data.presets.find((each) => each.id === id);
    this.settings = { ...this.data.defaults, ...preset.settings, preset: id };
    this.strip = Number(this.settings.seed);
    this.change({}, false);
  }

  breed() {
    if (this.busy) return;
    this.busy = true;
    this.outbox.put({ kind: "breed", address: this.address }, { forEver: true });
    this.showActs();
  }

  async copy() {
    const link = new URL(`/lab?${this.address}`, location.href).href;
    const done = await copied(link, this.root);
    this.root.dataset.link = link;
    const words = done ? "Link copied" : "Not copied";
    briefly(this.parts.words, words, "Copy link");
    briefly(this.parts.news, words, "");
  }
}

// Small things -------------------------------------------------------------------------------

/** Whether two texts of a setting mean the same: "1" and "1.0" do. */
function alike(one, other) {
  if (one === other) return true;
  return one !== "" && other !== "" && Math.abs(Number(one) - Number(other)) < BARELY;
}

function seedCard() {
  const item = made("li");
  const button = made("button", "seed");
  button.type = "button";
  button.append(made("span", "thumb"), made("span", "name"));
  item.append(button);
  return item;
}

function swatch(hex, root) {
  const item = made("li");
  const button = made("button");
  const [field, name] = [made("i"), made("span", "", hex)];
  button.type = "button";
  button.title = `Copy ${hex}`;
  field.style.background = hex;
  button.append(field, name);
  button.addEventListener("click", async () => {
    briefly(name, (await copied(hex, root)) ? "Copied" : hex, hex);
  });
  item.append(button);
  return item;
}

function factsOf(facts, { width, height, last, seconds }) {
  const size = `${width.toLocaleString("en")} × ${height.toLocaleString("en")}`;
  const parts = [facts?.words, last ? size : `${size} so far`];
  if (last) parts.push(seconds < 1 ? `${Math.max(1, Math.round(1000 * seconds))} ms` : `${seconds.toFixed(1)} s`);
  return parts.filter(Boolean).join(" · ");
}
