// A wall of any number of pictures of which only those near the window exist; put after shared.js.
//
// The wall has the height of all rows. Tiles are made for the rows in sight and some around, and used
// again for others when they leave. A tile shows a blurred preview of 4 x 4 colours at once, and its
// picture as soon as the scrolling rests on it.

const TILES_GAP = 14; // px between tiles of a row
const TILES_BELOW = 62; // px of caption and the gap below
const TILES_LEAST = 190; // px of a tile's width
const TILES_LEAST_NARROW = 128;
const TILES_AROUND = 2; // rows above and below the window
const TILES_REST = 90; // ms that a tile waits for its picture while the page runs by
const TILES_FAST = 2.5; // px in a ms

class Tiles {
  /** `paint(tile, item)` writes what a tile says; `wanted(count)` tells how many items it needs. */
  constructor(wall, template, { paint, wanted, moved }) {
    Object.assign(this, { wall, template, paint, wanted, moved });
    this.shown = new Map(); // index -> tile
    this.spare = []; // tiles that no index uses
    this.items = [];
    this.count = 0; // of all items, those not yet there among them
    this.columns = 1;
    this.width = 0; // px of the wall
    this.speed = 0; // px in a ms
    this.last = { top: 0, at: 0 };
    this.frame = 0;
    this.ending = new AbortController();
    const { signal } = this.ending;
    this.scroller = scrollerOf(wall);
    const soon = () => (this.frame ||= requestAnimationFrame(() => this.draw()));
    this.scroller.addEventListener("scroll", soon, { signal, passive: true });
    this.watching = new ResizeObserver(() => this.measure());
    this.watching.observe(wall);
    addEventListener("resize", soon, { signal });
  }

  get rowHeight() {
    return this.side + TILES_BELOW;
  }

  /** Shows other items, or the same ones changed. */
  show(items, count) {
    this.items = items;
    this.count = count;
    this.measure();
  }

  measure() {
    const width = this.wall.clientWidth;
    if (!width) return;
    const least = width < 600 ? TILES_LEAST_NARROW : TILES_LEAST;
    this.width = width;
    this.columns = Math.max(1, Math.floor((width + TILES_GAP) / (least + TILES_GAP)));
    this.side = (width - TILES_GAP * (this.columns - 1)) / this.columns;
    this.wall.style.height = `${Math.ceil(this.count / this.columns) * this.rowHeight}px`;
    this.draw(true);
  }

  /** The first and last row in sight, and where the wall begins. */
  rows() {
    const { top } = this.wall.getBoundingClientRect();
    const first = Math.max(0, Math.floor(-top / this.rowHeight));
    return [first, Math.floor((innerHeight - top) / this.rowHeight), top];
  }

  draw(all = false) {
    this.frame = 0;
    if (!this.width) return;
    const [first, last, top] = this.rows();
    this.time(top);
    const place = (row) => Math.min(this.count, Math.max(0, row) * this.columns);
    const [from, to] = [place(first - TILES_AROUND), place(last + 1 + TILES_AROUND)];
    const [above, below] = [place(first), place(last + 1)];
    this.wanted(to);
    const held = this.held();
    for (const [index, tile] of this.shown) {
      const stays = tile === held && index < this.count;
      if ((index >= from && index < to) || stays) continue;
      this.shown.delete(index);
      this.spare.push(tile);
    }
    // what is in sight asks for its pictures first
    for (let index = above; index < below; index += 1) this.lay(index, all);
    for (let index = below; index < to; index += 1) this.lay(index, all);
    for (let index = from; index < above; index += 1) this.lay(index, all);
    if (held && this.shown.has(held.index)) this.lay(held.index, all);
    for (const tile of this.spare) {
      if (!tile.frame.hidden) this.empty(tile);
    }
    this.moved?.();
  }

  /** The tile that has the focus stays, so that the keyboard does not lose its place. */
  held() {
    const focused = this.wall.getRootNode().activeElement;
    const frame = focused?.closest?.(".tile");
    return frame ? [...this.shown.values()].find((tile) => tile.frame === frame) : undefined;
  }

  time(top) {
    const at = performance.now();
    this.speed = Math.abs(top - this.last.top) / Math.max(1, at - this.last.at);
    this.last = { top, at };
  }

  lay(index, all) {
    const item = this.items[index];
    let tile = this.shown.get(index);
    const fresh = !tile;
    if (fresh) {
      tile = this.spare.pop() ?? this.make();
      this.shown.set(index, tile);
      tile.index = index;
      tile.frame.hidden = false;
    }
    if (fresh || all) this.place(tile, index);
    if (!item) return this.blank(tile);
    const other = tile.id !== item.id;
    if (!fresh && !all && !other) return;
    if (other) this.exchange(tile, item);
    this.paint(tile, item);
  }

  place(tile, index) {
    const x = (index % this.columns) * (this.side + TILES_GAP);
    const y = Math.floor(index / this.columns) * this.rowHeight;
    tile.frame.style.transform = `translate(${x}px, ${y}px)`;
    tile.frame.style.width = `${this.side}px`;
    setAttribute(tile.frame, "aria-posinset", index + 1);
    setAttribute(tile.frame, "aria-setsize", this.count);
  }

  make() {
    const frame = this.template.content.firstElementChild.cloneNode(true);
    const tile = { frame, id: "", timer: 0, index: -1 };
    const names = ["open", "select", "remove", "start", "alike", "title", "title-text", "rename"];
    for (const name of [...names, "published", "preview", "stars", "words"]) {
      tile[name] = frame.querySelector(`.${name}`);
    }
    this.wall.append(frame);
    return tile;
  }

  blank(tile) {
    if (tile.id !== null) this.leave(tile);
    tile.id = null;
    delete tile.frame.dataset.picture;
    tile.frame.dataset.blank = "true";
  }

  empty(tile) {
    this.leave(tile);
    tile.id = "";
    tile.frame.hidden = true;
    delete tile.frame.dataset.picture;
  }

  leave(tile) {
    clearTimeout(tile.timer);
    tile.open.firstChild?.removeAttribute("src"); // a picture on its way is not needed any more
    tile.open.replaceChildren();
  }

  exchange(tile, item) {
    this.leave(tile);
    tile.id = item.id;
    tile.frame.dataset.picture = item.id;
    tile.frame.dataset.blank = "false";
    tile.frame.dataset.broken = "false";
    drawPreview(tile.preview, item.preview);
    tile.timer = setTimeout(() => this.load(tile), this.speed > TILES_FAST ? TILES_REST : 0);
  }

  load(tile) {
    const { id } = tile;
    const image = new Image();
    image.alt = "";
    image.decoding = "async";
    image.draggable = false;
    image.addEventListener("error", () => {
      if (tile.id !== id || !image.hasAttribute("src")) return;
      image.remove();
      tile.frame.dataset.broken = "true";
    });
    const dots = this.side * (devicePixelRatio || 1);
    image.src = sized(`/picture/${id}.jpg`, dots <= 300 ? 256 : 384);
    tile.open.replaceChildren(image);
  }

  tileOf(id) {
    for (const tile of this.shown.values()) if (tile.id === id) return tile;
    return undefined;
  }

  /** Brings a place of the wall into the window and returns its tile, if its item is there. */
  reach(index) {
    const box = this.wall.getBoundingClientRect();
    const top = box.top + Math.floor(index / this.columns) * this.rowHeight;
    const [above, below] = [90, innerHeight - this.rowHeight - 20];
    if (top < above) this.scroller.scrollBy({ top: top - above });
    else if (top > below) this.scroller.scrollBy({ top: top - below });
    this.draw();
    return this.shown.get(index);
  }

  toTop() {
    const { top } = this.wall.getBoundingClientRect();
    if (top < 0) this.scroller.scrollBy({ top: top - 220 });
  }

  close() {
    cancelAnimationFrame(this.frame);
    this.watching.disconnect();
    this.ending.abort();
    for (const tile of this.shown.values()) clearTimeout(tile.timer);
  }
}

/** The element that scrolls what an element lies in. */
function scrollerOf(element) {
  let each = element;
  while (each) {
    const up = each.parentElement ?? each.getRootNode().host ?? null;
    if (!up) break;
    const { overflowY } = getComputedStyle(up);
    if (overflowY === "auto" || overflowY === "scroll") return up;
    each = up;
  }
  return document.scrollingElement;
}

/** Paints 16 colours, given as base64 of their bytes, row by row. */
function drawPreview(canvas, text) {
  const context = canvas.getContext("2d");
  const side = canvas.width;
  if (!context) return;
  context.clearRect(0, 0, side, side);
  if (!text) return;
  const bytes = atob(text);
  const picture = context.createImageData(side, side);
  for (let at = 0; at < side * side; at += 1) {
    for (let part = 0; part < 3; part += 1) {
      picture.data[4 * at + part] = bytes.charCodeAt(3 * at + part);
    }
    picture.data[4 * at + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}
