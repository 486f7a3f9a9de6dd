// Contact sheets of the Lab, a Streamlit component (v2). What a sheet holds is asked from the server,
// then its pictures one after another: all coarse first, then all fine. Cancelling keeps what is there.

const COARSE = 40; // px of the pictures of the first round
const FINE = [192, 144]; // px of the second round, of small sheets and of large ones
const FEW = 40; // pictures of a small sheet
const NONE = "";

export default function sweep(component) {
  return live(component, ".sweep", Sweep);
}

class Sweep {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null;
    this.base = null; // the address that a sheet of the articles starts from; null for the desk's
    this.sheet = null; // {tiles, query, ...} as drawn
    this.outbox = new Outbox(() => {});
    this.parts = {};
    for (const each of root.querySelectorAll("[class]")) {
      this.parts[each.getAttribute("class").split(" ")[0]] ??= each;
    }
    this.acts = Object.fromEntries(
      [...root.querySelectorAll("[data-act]")].map((each) => [each.dataset.act, each]),
    );
    this.shelf = new ShelfView(this.parts.jobs, this.parts.news);
    this.axes = {};
    this.abort = new AbortController();
    this.ending = new AbortController();
    const { signal } = this.ending;
    root.addEventListener("click", (event) => this.onClick(event), { signal });
    for (const type of ["keydown", "keypress", "keyup"]) {
      root.addEventListener(type, silenceKeys, { signal });
    }
    this.parts.axes.addEventListener("submit", (event) => this.onSubmit(event), { signal });
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    const first = !this.data;
    this.data = data;
    this.outbox.hear(data);
    makeReadable(this.root);
    if (first) this.start();
    this.shelf.show();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.abort.abort();
    this.ending.abort();
    this.shelf.destroy();
    this.outbox.close();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // What changes -----------------------------------------------------------------------------

  start() {
    const { axes, sheets } = this.parts;
    for (const [name, label] of [["across", "Across"], ["down", "Down"]]) {
      this.axes[name] = makeAxis(name, label, this.data.settings, () => this.choose(null));
      axes.append(this.axes[name].element);
    }
    sheets.replaceChildren(
      ...this.data.sheets.map((sheet) => {
        const button = made("button", "", sheet.title);
        button.type = "button";
        button.dataset.sheet = sheet.name;
        button.title = sheet.look;
        return button;
      }),
    );
    this.axes.across.set("layers=1,2,4,6,8,12,16");
    this.axes.down.set("seed=1..4");
  }

  /** Chooses a sheet of the articles; null for one of the person's own. */
  choose(sheet) {
    this.base = sheet?.query ?? null;
    for (const button of this.parts.sheets.children) {
      setAttribute(button, "aria-pressed", button.dataset.sheet === sheet?.name);
    }
    this.look = sheet?.look ?? "";
  }

  onClick(event) {
    const { act, sheet, query } = event.target.closest("button")?.dataset ?? {};
    if (act === "draw") this.draw();
    else if (act === "cancel") this.cancel();
    else if (act === "keep") this.keep();
    else if (sheet) this.load(this.data.sheets.find((each) => each.name === sheet));
    else if (query) this.take(query);
  }

  onSubmit(event) {
    event.preventDefault();
    this.draw();
  }

  load(sheet) {
    this.axes.across.set(sheet.across);
    this.axes.down.set(sheet.down);
    this.choose(sheet);
    this.draw();
  }

  take(query) {
    for (const tile of this.parts.grid.querySelectorAll(".tile")) {
      setAttribute(tile, "aria-pressed", tile.dataset.query === query);
    }
    this.outbox.forget(({ kind }) => kind === "take");
    this.outbox.put({ kind: "take", address: query });
  }

  // The sheet --------------------------------------------------------------------------------

  async draw() {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const axes = new URLSearchParams();
    for (const [name, axis] of Object.entries(this.axes)) {
      if (axis.text) axes.set(name, axis.text);
    }
    const query = `${this.base ?? this.data.query}&${axes}`;
    this.setState("asking", "");
    try {
      const answer = await fetch(`/lab/tiles?${query}`, { signal });
      if (!answer.ok) throw new Error(await answer.text());
      this.sheet = { ...(await answer.json()), query };
    } catch (error) {
      if (signal.aborted) return;
      const words = error instanceof TypeError ? "The server does not answer." : error.message;
      this.setState("failed", words);
      return;
    }
    this.lay();
    this.setState("drawing", "");
    await this.fill(signal);
    if (!signal.aborted) this.setState("done", "");
  }

  /** Lays out the labels, and places for the pictures. */
  lay() {
    const { grid } = this.parts;
    const { tiles, columns, rows, title, labels } = this.sheet;
    const room = this.root.clientWidth - (rows ? 150 : 40);
    const side = Math.max(92, Math.min(176, Math.floor(room / columns) - 8));
    grid.style.setProperty("--tile", `${side}px`);
    grid.style.gridTemplateColumns = `${rows ? "auto " : ""}repeat(${columns}, auto)`;
    const heads = rows
      ? [made("div", "title", title), ...labels.across.map((label) => made("div", "across", label))]
      : [];
    const places = new Map();
    this.places = tiles.map((tile) => {
      const button = made("button", "tile");
      button.type = "button";
      button.dataset.query = tile.query;
      button.setAttribute("aria-label", tile.name);
      button.title = tile.name;
      const thumb = made("span", "thumb");
      button.append(thumb);
      if (!rows) button.append(made("span", "name", tile.label));
      places.set(`${tile.row},${tile.column}`, button);
      return { thumb, query: tile.query };
    });
    const lines = [];
    for (let row = 0; row <= tiles.at(-1).row; row += 1) {
      if (rows) lines.push(made("div", "down", labels.down[row]));
      for (let column = 0; column < columns; column += 1) {
        lines.push(places.get(`${row},${column}`) ?? made("span"));
      }
    }
    grid.replaceChildren(...heads, ...lines);
    if (!rows) grid.style.paddingTop = "12px";
    else grid.style.paddingTop = "";
  }

  async fill(signal) {
    const { places } = this;
    const total = 2 * places.length;
    let done = 0;
    const round = async (side, coarse) => {
      const left = [...places];
      const next = async () => {
        while (left.length && !signal.aborted) {
          const { thumb, query } = left.shift();
          await showThumb(thumb, thumbOf(query, side), signal);
          if (signal.aborted) return;
          thumb.dataset.coarse = String(coarse);
          done += 1;
          this.showProgress(done / total, `${done > total / 2 ? "Fine" : "Coarse"}, ${done} of ${total}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, next));
    };
    await round(COARSE, true);
    await round(FINE[places.length > FEW ? 1 : 0], false);
  }

  cancel() {
    this.abort.abort();
    this.setState("cancelled", "");
  }

  /** Orders the sheet as one picture with its labels. */
  keep() {
    const { title, query } = this.sheet;
    const side = FINE[this.places.length > FEW ? 1 : 0];
    shelf.order(`/lab/sheets?${query}&tile=${side}`, `Contact sheet, ${title}`);
  }

  setState(state, trouble) {
    const { parts, acts } = this;
    this.root.dataset.state = state;
    const busy = state === "asking" || state === "drawing";
    const words = this.look || this.sheet?.note || "";
    acts.cancel.hidden = !busy;
    parts.track.hidden = !busy;
    if (busy) this.showProgress(0, "");
    else setText(parts.far, state === "cancelled" ? "Cancelled; what is drawn stays." : "");
    parts.scroller.hidden = !this.sheet;
    acts.keep.hidden = !this.sheet || busy;
    setText(parts.trouble, trouble);
    parts.trouble.hidden = !trouble;
    setText(parts["look-for"], words);
    parts["look-for"].hidden = !words;
  }

  showProgress(share, words) {
    this.parts.bar.style.transform = `translateX(${100 * share - 100}%)`;
    setAttribute(this.parts.track, "aria-valuenow", Math.floor(100 * share));
    setText(this.parts.far, words);
  }
}

// Small things -------------------------------------------------------------------------------

/** A setting and the values it takes: "layers=2..29". */
function makeAxis(name, label, settings, changed) {
  const element = made("div", "axis");
  const which = labelled({ key: `${name}-setting`, label }, "select");
  const values = labelled({ key: `${name}-values`, label: "Values" }, "input");
  const hint = made("p", "hint");
  values.control.type = "text";
  values.control.spellcheck = false;
  values.control.autocomplete = "off";
  if (name === "down") which.control.append(new Option("nothing", NONE));
  for (const each of settings) which.control.append(new Option(each.title, each.name));
  const parts = [which, values].map(({ label: head, control }) => {
    const part = made("div");
    part.append(head, control);
    return part;
  });
  element.append(...parts, hint);
  const show = () => {
    const row = settings.find((each) => each.name === which.control.value);
    parts[1].hidden = !row;
    setText(
      hint,
      !row
        ? "One line of pictures."
        : row.names.length
          ? `Some of: ${row.names.slice(0, 8).join(", ")}${row.names.length > 8 ? ", …" : ""}`
          : "From..to, from..to:how many, or a list with commas.",
    );
  };
  which.control.addEventListener("change", () => {
    const row = settings.find((each) => each.name === which.control.value);
    if (row) values.control.value = row.usual;
    show();
    changed();
  });
  values.control.addEventListener("input", changed);
  return {
    element,
    get text() {
      return which.control.value && `${which.control.value}=${values.control.value}`;
    },
    set(text) {
      const [setting, listed] = text.split("=");
      which.control.value = setting;
      values.control.value = listed ?? "";
      show();
    },
  };
}
