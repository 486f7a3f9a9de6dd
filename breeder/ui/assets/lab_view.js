// Moving over the Lab's picture by hand, and small pictures that are fetched a few at a time; put
// before lab.js.

const CLOSER = 1.25; // zoom of one step
const ZOOMS = [1e-4, 1e4];
const FAR = 1000; // largest coordinate of the centre
const AT_ONCE = 2; // small pictures of a kind under way: browsers open six connections in all

/** Pan by dragging, zoom by buttons, keys, double click and pinch. */
class View {
  constructor(frame, settings, change, signal) {
    Object.assign(this, { frame, settings, change });
    this.held = null; // {x, y, center, moved}
    const on = (type, act, more = {}) => frame.addEventListener(type, act, { signal, ...more });
    on("pointerdown", (event) => this.onDown(event));
    on("pointermove", (event) => this.onMove(event));
    for (const type of ["pointerup", "pointercancel"]) on(type, () => this.onUp());
    on("dblclick", (event) => {
      if (!event.target.closest("button")) this.zoom(2, this.placeOf(event));
    });
    on("wheel", (event) => this.onWheel(event), { passive: false });
    on("keydown", (event) => this.onKey(event));
    on("click", (event) => {
      const act = event.target.closest("button")?.dataset.act;
      if (act === "closer") this.zoom(CLOSER);
      else if (act === "farther") this.zoom(1 / CLOSER);
      else if (act === "whole") this.whole();
    });
  }

  onDown(event) {
    if (event.button || event.pointerType === "touch" || event.target.closest("button")) return;
    const { clientX: x, clientY: y } = event;
    this.held = { x, y, center: this.center, moved: false };
    this.frame.setPointerCapture(event.pointerId);
    this.frame.dataset.held = "true";
  }

  onMove(event) {
    const { held } = this;
    if (!held) return;
    const [dx, dy] = this.turned(event.clientX - held.x, event.clientY - held.y);
    if (!held.moved && Math.hypot(dx, dy) * this.perPixel < 3) return;
    held.moved = true;
    this.move([held.center[0] - dx, held.center[1] - dy], true);
  }

  onUp() {
    if (this.held?.moved) this.change({}, false);
    this.held = null;
    delete this.frame.dataset.held;
  }

  onWheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // a wheel alone scrolls the page
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 200), this.placeOf(event), true);
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.frame) return;
    const step = 0.1 / Number(this.settings().zoom);
    const by = (x, y) => this.move([this.center[0] + x * step, this.center[1] + y * step], true);
    const acts = {
      "+": () => this.zoom(CLOSER),
      "=": () => this.zoom(CLOSER),
      "-": () => this.zoom(1 / CLOSER),
      0: () => this.whole(),
      ArrowLeft: () => by(-1, 0),
      ArrowRight: () => by(1, 0),
      ArrowUp: () => by(0, -1),
      ArrowDown: () => by(0, 1),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  get center() {
    return this.settings().center.split(",").map(Number);
  }

  /** Pixels of the page for one unit of the plane. */
  get perPixel() {
    const { clientWidth, clientHeight } = this.frame;
    return (Math.min(clientWidth, clientHeight) / 2) * Number(this.settings().zoom);
  }

  /** A way on the page as a way in the plane. */
  turned(dx, dy) {
    const angle = (Number(this.settings().rotation) * Math.PI) / 180;
    const [u, v] = [dx / this.perPixel, dy / this.perPixel];
    return [
      u * Math.cos(angle) + v * Math.sin(angle),
      v * Math.cos(angle) - u * Math.sin(angle),
    ];
  }

  placeOf(event) {
    const box = this.frame.getBoundingClientRect();
    const middle = [box.left + box.width / 2, box.top + box.height / 2];
    return this.turned(event.clientX - middle[0], event.clientY - middle[1]);
  }

  /** Magnifies about a place given as its way from the middle, which stays where it is. */
  zoom(factor, [x, y] = [0, 0], live = false) {
    const before = Number(this.settings().zoom);
    const zoom = Math.min(ZOOMS[1], Math.max(ZOOMS[0], before * factor));
    const share = 1 - before / zoom;
    const [cx, cy] = this.center;
    this.change({ zoom: tidy(zoom), center: written([cx + x * share, cy + y * share], zoom) }, live);
  }

  move(center, live) {
    this.change({ center: written(center, Number(this.settings().zoom)) }, live);
  }

  whole() {
    this.change({ zoom: "1", center: "0,0", rotation: "0" }, false);
  }
}

/** A centre as text, as fine as its zoom can show. */
function written(center, zoom) {
  const digits = Math.min(12, Math.max(0, Math.ceil(4 + Math.log10(zoom))));
  const kept = (value) => Math.min(FAR, Math.max(-FAR, value));
  return center.map((value) => String(Number(kept(value).toFixed(digits)))).join(",");
}

/** Small pictures by address, in order, a few at a time; newer wishes drop what is under way. */
class Thumbs {
  constructor() {
    this.abort = new AbortController();
  }

  /** Shows pictures: [[element, address], ...]; one that is there already stays. */
  load(wishes) {
    this.stop();
    this.abort = new AbortController();
    const left = wishes.filter(([element, address]) => element.dataset.shown !== address);
    const { signal } = this.abort;
    const next = async () => {
      while (left.length && !signal.aborted) await showThumb(...left.shift(), signal);
    };
    for (let each = 0; each < AT_ONCE; each += 1) next();
  }

  stop() {
    this.abort.abort();
  }
}

async function showThumb(element, address, signal) {
  try {
    const answer = await fetch(address, { signal });
    if (!answer.ok) throw new Error(await answer.text());
    const image = new Image();
    image.alt = "";
    image.draggable = false;
    image.src = URL.createObjectURL(await answer.blob());
    await image.decode();
    URL.revokeObjectURL(image.src);
    if (signal.aborted) return;
    element.replaceChildren(image);
    element.dataset.shown = address;
    element.title = "";
  } catch (error) {
    if (signal.aborted) return;
    element.replaceChildren();
    element.dataset.shown = "";
    element.title = error.message;
  }
}
