// Takes a picture away at any size, a Streamlit component (v2). Small pictures are links; large ones
// are ordered from the server, which draws them in the background (shelf.js watches them).

const AT_ONCE = 4096; // samples a side that are drawn in a moment: a link is enough
const DPI = 300;

export default function download(component) {
  return live(component, ".download", Download);
}

class Download {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    const part = (name) => root.querySelector(name);
    this.parts = {
      form: part(".choice"),
      size: part("#size"),
      print: part(".print"),
      link: part("a.go"),
      make: part("button.go"),
      hint: part(".hint"),
    };
    this.ending = new AbortController();
    const on = (target, type, act) =>
      target.addEventListener(type, act, { signal: this.ending.signal });
    on(root, "keydown", silenceTyping);
    on(root, "input", () => this.show());
    on(this.parts.form, "submit", (event) => this.submit(event));
    for (const button of root.querySelectorAll("[data-size]")) {
      on(button, "click", () => {
        this.parts.size.value = button.dataset.size;
        this.show();
      });
    }
    this.shelf = new ShelfView(part(".jobs"), part(".news"));
  }

  update({ data }) {
    this.turn += 1;
    if (!data) return this.turn;
    this.data = data;
    this.parts.size.max = data.most;
    makeReadable(this.root);
    this.show();
    this.shelf.show();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    this.shelf.destroy();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  wanted() {
    const choice = new FormData(this.parts.form);
    return {
      genome: this.data.genome,
      title: this.data.title,
      size: this.parts.size.valueAsNumber,
      format: choice.get("format") ?? "png",
      supersample: Number(choice.get("smoothing") ?? 2),
    };
  }

  submit(event) {
    event.preventDefault();
    const { size, link } = this.parts;
    if (!size.checkValidity()) size.focus();
    else if (link.hidden) shelf.order(`/posters?${query(this.wanted())}`, nameOf(this.wanted()));
    else link.click();
  }

  show() {
    const { size, print, link, make, hint } = this.parts;
    const wanted = this.wanted();
    const right = size.checkValidity();
    const direct = wanted.size * wanted.supersample <= AT_ONCE;
    const kind = kindOf(wanted);
    for (const button of this.root.querySelectorAll("[data-size]")) {
      setAttribute(button, "aria-pressed", Number(button.dataset.size) === wanted.size);
    }
    link.hidden = !right || !direct;
    make.hidden = right && direct;
    make.disabled = !right;
    setText(print, right ? printed(wanted.size) : "");
    setText(link, right ? `Download ${kind}, ${pixels(wanted.size)}` : "");
    setText(make, right ? `Make the ${kind}, ${pixels(wanted.size)}` : "Choose a size");
    if (right && direct) link.href = address(wanted);
    hint.dataset.wrong = String(!right);
    const least = Number(size.min).toLocaleString("en");
    const most = Number(size.max).toLocaleString("en");
    setText(
      hint,
      !right
        ? `A size is a whole number of pixels from ${least} to ${most}.`
        : direct
          ? ""
          : "Drawn in the background; go on breeding meanwhile.",
    );
  }
}

function address(wanted) {
  const { genome, format, ...rest } = wanted;
  return `/download/${genome}.${format}?${query(rest)}`;
}

function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== "");
  return new URLSearchParams(given).toString();
}

function kindOf({ format }) {
  return format === "tif" ? "TIFF" : "PNG";
}

function nameOf(wanted) {
  const title = wanted.title || wanted.genome.slice(0, 8);
  return `${title}, ${pixels(wanted.size)} ${kindOf(wanted)}`;
}

function pixels(size) {
  return `${size.toLocaleString("en")} px`;
}

function printed(size) {
  const side = (size / DPI) * 2.54;
  const shown = side < 10 ? side.toFixed(1) : Math.round(side);
  return `${shown} × ${shown} cm at ${DPI} dpi`;
}
