// One large picture of breeder, a Streamlit component (v2): coarse at once, then fine.
//
// Streamlit calls the default export again for every message, and may call an older call's
// cleanup after a newer call. So one Large lives on each parent element, and only the cleanup of
// its newest call ends it. A text for screen readers is only ever set as text.

const COARSE = 256; // px; the size that the grid shows, so most likely at hand
const FINE = [1024, 1536, 2048]; // px

export default function largePicture(component) {
  return live(component, ".large", Large);
}

class Large {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.id = null; // of the picture shown or on its way
    this.asked = 0; // px of the largest fine picture asked for
    this.failed = false; // whether the fine picture could not be had
    const part = (name) => root.querySelector(`.${name}`);
    this.parts = {};
    for (const name of ["frame", "coarse", "fine", "missing", "progress", "note"]) {
      this.parts[name] = part(name);
    }
    // The size decides which fine picture is asked for; it is 0 until a dialog is laid out.
    this.resizing = new ResizeObserver(() => this.sharpen());
    this.resizing.observe(this.parts.frame);
  }

  update({ data }) {
    this.turn += 1;
    if (!data) return this.turn;
    this.data = data;
    this.parts.frame.setAttribute("aria-label", data.alt);
    if (data.id !== this.id) this.start();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.resizing.disconnect();
    this.id = null; // what still arrives is not shown
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  start() {
    const { parts, data } = this;
    this.id = data.id;
    this.asked = 0;
    this.failed = false;
    this.root.dataset.picture = data.id;
    this.root.dataset.sharp = "false";
    parts.fine.replaceChildren();
    parts.coarse.replaceChildren();
    parts.missing.hidden = true;
    parts.note.textContent = "";
    this.showCoarse();
    this.sharpen();
  }

  async showCoarse() {
    const { id, data, parts } = this;
    const image = await decoded(sized(data.url, COARSE));
    if (!image || this.id !== id) return;
    parts.coarse.replaceChildren(image);
    if (this.failed) this.tellFailure();
  }

  /** Asks for the fine picture, and for a finer one when the place has grown. */
  async sharpen() {
    const { id, data } = this;
    const width = this.parts.frame.clientWidth * devicePixelRatio;
    if (id === null || !width) return;
    const size = FINE.find((each) => each >= width) ?? FINE.at(-1);
    if (size <= this.asked) return;
    this.asked = size;
    this.setBusy(true);
    const image = await decoded(sized(data.url, size));
    if (this.id !== id || this.asked !== size) return;
    this.setBusy(false);
    this.failed = !image;
    if (image) this.showFine(image, size);
    else if (this.root.dataset.sharp !== "true") this.tellFailure(); // else a fine one stays
  }

  showFine(image, size) {
    const { fine, missing, note } = this.parts;
    fine.append(image); // over the one before, which stays while this one fades in
    while (fine.childElementCount > 2) fine.firstElementChild.remove();
    missing.hidden = true;
    note.textContent = "";
    this.root.dataset.size = String(size);
    this.root.dataset.sharp = "true";
  }

  tellFailure() {
    const { coarse, missing, note } = this.parts;
    const some = coarse.childElementCount > 0;
    missing.hidden = some;
    note.textContent = some ? "The sharp picture could not be loaded." : "";
  }

  setBusy(busy) {
    this.parts.progress.hidden = !busy;
    this.parts.frame.setAttribute("aria-busy", String(busy));
  }
}

/** The decoded picture, or null when it cannot be had. */
async function decoded(address) {
  const image = new Image();
  image.alt = "";
  image.src = address;
  try {
    await image.decode();
    return image;
  } catch {
    return null;
  }
}
