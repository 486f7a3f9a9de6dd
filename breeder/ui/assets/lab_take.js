// Taking a Lab picture away at any size, in the shape that is shown; put after shelf.js, before lab.js.

const LONGER = [512, 1024, 2048, 4096, 8192, 16384]; // px of the longer side that are offered
const LEAST = 16;
const MOST = 16_384;
const MOST_JPEG = 8192;

class Take {
  constructor(root, news) {
    this.root = root;
    this.wanted = { query: "", size: [1, 1] };
    this.side = makeSide();
    this.file = makeChoice("File", [["png", "PNG"], ["jpeg", "JPEG"], ["tif", "TIFF"]]);
    this.smoothing = makeChoice("Smoothing", [["1", "Off"], ["2", "2×"], ["4", "4×"]]);
    this.go = made("button", "go");
    this.go.type = "button";
    this.hint = made("p", "hint");
    this.list = made("ul", "jobs");
    this.list.setAttribute("aria-label", "Files being made");
    const pair = made("div", "choices");
    pair.append(this.file.element, this.smoothing.element);
    root.classList.add("files-to-make");
    root.replaceChildren(this.side.element, pair, this.go, this.hint, this.list);
    this.shelf = new ShelfView(this.list, news);
    for (const each of [this.side, this.file, this.smoothing]) each.changed = () => this.paint();
    this.go.addEventListener("click", () => this.order());
  }

  /** Follows the desk: {query, size}, the size in pixels that says the shape. */
  show(wanted) {
    const { query, size } = wanted;
    const shape = size[0] / size[1];
    if (shape !== this.wanted.size[0] / this.wanted.size[1] || !this.touched) {
      this.side.set(Math.max(...size) > 1 ? Math.max(...size) : 1024);
    }
    this.touched = true;
    this.wanted = { query, size };
    this.paint();
  }

  get pixels() {
    const [width, height] = this.wanted.size;
    const longer = this.side.value;
    const other = (one, all) => Math.max(LEAST, Math.round((longer * one) / all));
    return width >= height ? [longer, other(height, width)] : [other(width, height), longer];
  }

  paint() {
    const longer = this.side.value;
    const most = this.file.value === "jpeg" ? MOST_JPEG : MOST;
    const right = Number.isInteger(longer) && longer >= LEAST && longer <= most;
    const [width, height] = this.pixels;
    this.go.disabled = !right;
    setText(this.go, right ? `Make the ${this.name}` : "Choose a size");
    setText(
      this.hint,
      right
        ? `${width.toLocaleString("en")} × ${height.toLocaleString("en")} pixels, ${printed(longer)}.`
        : `The longer side is a whole number of pixels from ${LEAST} to ${most.toLocaleString("en")}.`,
    );
    this.shelf.show();
  }

  get name() {
    return { png: "PNG", jpeg: "JPEG", tif: "TIFF" }[this.file.value];
  }

  order() {
    const [width, height] = this.pixels;
    const more = new URLSearchParams({
      ...{ width, height, format: this.file.value, supersample: this.smoothing.value },
    });
    const size = `${width.toLocaleString("en")} × ${height.toLocaleString("en")} px`;
    shelf.order(`/lab/posters?${this.wanted.query}&${more}`, `Lab picture, ${size} ${this.name}`);
  }

  destroy() {
    this.shelf.destroy();
  }
}

/** The longer side: a number and usual ones. */
function makeSide() {
  const element = made("div");
  const { label, control } = labelled({ key: "longer", label: "Longer side, in pixels" }, "input");
  Object.assign(control, { type: "number", min: LEAST, max: MOST, step: 1, required: true });
  const steps = made("div", "segments");
  const buttons = LONGER.map((side) => {
    const button = made("button", "", side < 1000 ? String(side) : `${side / 1024}k`);
    button.type = "button";
    button.value = side;
    return button;
  });
  steps.append(...buttons);
  element.append(label, control, steps);
  const choice = {
    element,
    changed: () => {},
    get value() {
      return control.valueAsNumber;
    },
    set(side) {
      control.value = side;
      for (const each of buttons) setAttribute(each, "aria-pressed", Number(each.value) === Number(side));
    },
  };
  control.addEventListener("input", () => {
    choice.set(control.value);
    choice.changed();
  });
  steps.addEventListener("click", (event) => {
    const { value } = event.target.closest("button") ?? {};
    if (!value) return;
    choice.set(value);
    choice.changed();
  });
  return choice;
}

/** One of a few. */
function makeChoice(label, options) {
  const settings = { choice: options[0][0] };
  const row = KINDS.segments({ key: "choice", label, options }, (values) => {
    Object.assign(settings, values);
    row.show(settings);
    choice.changed();
  });
  const choice = {
    element: row.element,
    changed: () => {},
    get value() {
      return settings.choice;
    },
  };
  row.show(settings);
  return choice;
}

function printed(side) {
  const shown = (side / 300) * 2.54;
  return `${shown < 10 ? shown.toFixed(1) : Math.round(shown)} cm at 300 dpi`;
}
