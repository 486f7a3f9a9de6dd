// A film of a picture, a Streamlit component (v2): what moves in it, a small one to look at, and the
// button that has it made (shelf.js watches it). What is chosen belongs to the tab, not to the
// component, so that it is still there when another section was shown. Texts are only set as text.

const RESTS_AFTER = 250; // ms without a change until the small film is asked for

export default function film(component) {
  return live(component, ".film", Film);
}

const CHOSEN = Symbol.for("breeder.film");
const chosen = (globalThis[CHOSEN] ??= { amounts: new Map([["zoom", null]]), form: {} });

class Film {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.shown = ""; // the address of the film that is looked at, or on its way
    this.asking = null;
    this.timer = 0;
    const part = (name) => root.querySelector(name);
    this.parts = {
      form: part("form"),
      chips: part(".chips"),
      amounts: part(".amounts"),
      kinds: part(".kinds"),
      kindHint: part(".kind-hint"),
      length: part("output"),
      image: part("img"),
      wait: part(".wait"),
      said: part(".said"),
      go: part(".go"),
      wrong: part(".wrong"),
    };
    this.shelf = new ShelfView(part(".jobs"), part(".news"), (job) => job.address.startsWith("/films"));
    this.ending = new AbortController();
    const { signal } = this.ending;
    const { form } = this.parts;
    for (const type of ["keydown", "keypress", "keyup"]) {
      root.addEventListener(type, silenceTyping, { signal });
    }
    form.addEventListener("input", () => this.changed(), { signal });
    form.addEventListener("submit", (event) => this.submit(event), { signal });
  }

  update({ data }) {
    this.turn += 1;
    if (!data) return this.turn;
    const first = !this.data;
    this.data = data;
    if (first) this.build();
    this.buildMoves();
    makeReadable(this.root);
    this.shelf.show();
    this.show();
    this.look(first ? 0 : RESTS_AFTER);
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.ending.abort();
    this.shelf.destroy();
    if (this.parts.image.src) URL.revokeObjectURL(this.parts.image.src);
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // The form ---------------------------------------------------------------------------------

  build() {
    const { form, kinds } = this.parts;
    const { data } = this;
    form.elements.frames.max = data.frames;
    form.elements.fps.append(...data.fps.map((fps) => new Option(fps, fps)));
    form.elements.size.append(
      ...data.sizes.map(([width, height]) => new Option(`${width} × ${height}`, `${width}x${height}`)),
    );
    kinds.append(
      ...data.kinds.map(({ name, label }) => {
        const item = document.createElement("label");
        const mark = Object.assign(document.createElement("span"), { textContent: label });
        item.append(Object.assign(document.createElement("input"), { type: "radio", name: "format", value: name }), mark);
        return item;
      }),
    );
    const usual = { fps: "30", size: "720x720", format: "mp4", ...chosen.form };
    for (const [name, value] of Object.entries(usual)) {
      const field = form.elements[name];
      if (field.type === "checkbox") field.checked = value;
      else field.value = value;
    }
  }

  /** Makes the chips of what can move; what this picture cannot do is left out. */
  buildMoves() {
    const offered = JSON.stringify(this.data.movements);
    if (offered === this.offered) return;
    this.offered = offered;
    this.parts.chips.replaceChildren(
      ...this.data.movements.map((move) => {
        const chip = Object.assign(document.createElement("button"), {
          type: "button",
          textContent: move.title,
        });
        chip.dataset.move = move.name;
        chip.addEventListener("click", () => {
          if (!chosen.amounts.delete(move.name)) chosen.amounts.set(move.name, null);
          this.changed();
        });
        return chip;
      }),
    );
    this.parts.amounts.replaceChildren();
  }

  /** The movements that are chosen, in the order of the table. */
  get moves() {
    return this.data.movements.filter(({ name }) => chosen.amounts.has(name));
  }

  showMoves() {
    const { chips, amounts } = this.parts;
    for (const chip of chips.children) {
      setAttribute(chip, "aria-pressed", chosen.amounts.has(chip.dataset.move));
    }
    for (const row of [...amounts.children]) {
      if (!chosen.amounts.has(row.dataset.move)) row.remove();
    }
    this.moves.forEach((move, place) => {
      const row = amounts.querySelector(`[data-move="${move.name}"]`) ?? this.newAmount(move);
      if (amounts.children[place] !== row) amounts.insertBefore(row, amounts.children[place] ?? null);
      const amount = chosen.amounts.get(move.name) ?? move.amount;
      setText(row.querySelector(".does"), move.does.replace("{amount}", amount));
    });
  }

  newAmount(move) {
    const row = document.createElement("li");
    row.dataset.move = move.name;
    row.innerHTML =
      '<label></label><input class="box" type="number" step="any" required />' +
      '<span class="does"></span><button class="another" type="button" hidden>Another</button>';
    const [label, field, another] = ["label", "input", ".another"].map((name) => row.querySelector(name));
    label.textContent = move.title;
    label.htmlFor = field.id = `film-${move.name}`;
    Object.assign(field, { min: move.low, max: move.high });
    field.value = chosen.amounts.get(move.name) ?? move.amount;
    field.addEventListener("input", () => {
      if (field.checkValidity()) chosen.amounts.set(move.name, field.valueAsNumber);
    });
    another.hidden = move.name !== "morph";
    another.addEventListener("click", () => {
      field.value = Math.floor(Math.random() * 1e6);
      chosen.amounts.set(move.name, field.valueAsNumber);
      this.changed();
    });
    return row;
  }

  get values() {
    const { elements } = this.parts.form;
    const [width, height] = elements.size.value.split("x").map(Number);
    return {
      move: this.moves.map(({ name, amount }) => `${name}:${chosen.amounts.get(name) ?? amount}`).join(","),
      seamless: elements.seamless.checked ? "1" : "0",
      easing: elements.easing.value,
      frames: elements.frames.valueAsNumber,
      fps: Number(elements.fps.value),
      width,
      height,
      supersample: Number(elements.supersample.value),
      format: elements.format.value,
    };
  }

  changed() {
    const { elements } = this.parts.form;
    chosen.form = { seamless: elements.seamless.checked };
    for (const name of ["easing", "frames", "fps", "size", "supersample", "format"]) {
      chosen.form[name] = elements[name].value;
    }
    this.show();
    this.look(RESTS_AFTER);
  }

  show() {
    this.showMoves();
    const { form, kindHint, length, go, wrong, said } = this.parts;
    const values = this.values;
    const kind = this.data.kinds.find(({ name }) => name === values.format);
    const seconds = values.frames / values.fps;
    this.root.style.setProperty("--aspect", `${values.width} / ${values.height}`);
    setText(kindHint, `${kind.label}: ${kind.hint}.`);
    setText(length, Number.isFinite(seconds) ? `${seconds.toFixed(1)} s` : "–");
    setText(go, `Make the ${kind.label}, ${values.width} × ${values.height}`);
    const problem = this.problem(values, kind);
    setText(wrong, problem);
    go.disabled = Boolean(problem);
    setText(said, problem ? "" : "A small, quick view; the file is as large and smooth as you choose.");
    this.right = !problem && form.checkValidity();
  }

  problem(values, kind) {
    const { form } = this.parts;
    if (!this.moves.length) return "Choose at least one movement.";
    if (!form.elements.frames.checkValidity()) return `A film has 2 to ${this.data.frames.toLocaleString("en")} frames.`;
    if (values.fps > kind.most) return `A ${kind.label} shows at most ${kind.most} frames a second.`;
    const wrong = this.parts.amounts.querySelector("input:invalid");
    const move = wrong && this.moves.find(({ name }) => wrong.id === `film-${name}`);
    return move ? `${move.title} takes a number from ${move.low} to ${move.high}.` : "";
  }

  submit(event) {
    event.preventDefault();
    const values = this.values;
    if (this.problem(values, this.data.kinds.find(({ name }) => name === values.format))) return;
    const { label } = this.data.kinds.find(({ name }) => name === values.format);
    const { width, height, frames } = values;
    shelf.order(
      `/films?${new URLSearchParams(values)}&${this.data.subject}`,
      `${this.data.name}: ${label}, ${width} × ${height}, ${frames} frames`,
    );
  }

  // The film that is looked at ---------------------------------------------------------------

  /** Asks for the small film in a while, if it is another than the one that is shown. */
  look(after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch(), after);
  }

  /** Shows it coarse at once, then as fine as it can be drawn while somebody waits. */
  async fetch() {
    const { format, supersample, ...values } = this.values;
    const address = `/film.webp?${new URLSearchParams(values)}&${this.data.subject}`;
    if (!this.right || address === this.shown) return;
    this.shown = address;
    this.asking?.abort(); // only the newest counts; the server stops the others
    const asking = (this.asking = new AbortController());
    setAttribute(this.root, "data-busy", "true");
    this.say(this.parts.image.hidden ? "Drawing it small …" : "");
    try {
      for (const look of ["quick", "fine"]) {
        const answer = await fetch(`${address}&look=${look}`, { signal: asking.signal });
        if (!answer.ok) throw new Error(await answer.text());
        const data = await answer.blob();
        if (this.asking !== asking) return;
        this.play(data, look);
        this.say("");
      }
    } catch (error) {
      if (this.asking !== asking || error.name === "AbortError") return;
      this.shown = "";
      this.say(error instanceof TypeError ? "The server does not answer." : error.message);
    }
    setAttribute(this.root, "data-busy", "false");
  }

  play(data, look) {
    const { image } = this.parts;
    const before = image.src;
    image.src = URL.createObjectURL(data);
    image.alt = "The film, small";
    image.hidden = false;
    if (before) URL.revokeObjectURL(before);
    this.root.dataset.playing = look;
    setAttribute(this.root, "data-busy", "false");
  }

  say(words) {
    setText(this.parts.wait, words);
    this.parts.wait.hidden = !words;
  }
}
