// Thumbnails of the family tree, fetched as they come into view and kept for a while.
//
// Where several pictures of one grid are in view they come as one file; never more than a few files
// are on their way, the ones nearest to the middle first, and none for what has gone out of view.

const ROW_SIZES = [32, 64]; // px of pictures that come by the grid; tree_routes.py has the same most
const SIZES = [32, 64, 128, 256, 512];
const AT_A_TIME = 4;
const ROW_FROM = 4; // pictures of one grid in view
const KEPT_PIXELS = 24_000_000;
const TRY_AGAIN = 8_000; // ms
const PAUSE = 140; // ms after the last turn of the wheel

class Thumbs {
  constructor(model, onArrival) {
    this.model = model;
    this.onArrival = onArrival;
    this.held = new Map(); // key -> {bitmap, pixels}; the least recently used first
    this.pixels = 0;
    this.busy = new Set();
    this.failed = new Map(); // key -> when
    this.wanted = [];
    this.requests = 0;
  }

  /** Begins a frame: what is wanted is asked for anew in each. */
  begin() {
    this.wanted = [];
  }

  /** What can be drawn now for a node: [bitmap, left, side], or null; wants it in this size. */
  of(node, side, distance) {
    const size = SIZES.find((each) => each >= side) ?? SIZES.at(-1);
    const found = this.find(node, size);
    if (!found || found[2] < size) this.wanted.push({ node, size, distance });
    return found;
  }

  /** The best picture at hand: of this size, else the next larger, else a smaller one. */
  find(node, size) {
    const start = SIZES.indexOf(size);
    const order = [...SIZES.slice(start), ...SIZES.slice(0, start).reverse()];
    for (const each of order) {
      const single = this.take(`${node}/${each}`);
      if (single) return [single, 0, each];
      if (each > ROW_SIZES.at(-1)) continue;
      const row = this.take(`grid${this.model.grid[node]}/${each}`);
      if (row) return [row, this.model.slot[node] * each, each];
    }
    return null;
  }

  take(key) {
    const held = this.held.get(key);
    if (!held) return null;
    this.held.delete(key);
    this.held.set(key, held);
    return held.bitmap;
  }

  /** Ends a frame: fetches what it wanted, nearest first. */
  end() {
    const jobs = new Map();
    const byGrid = Map.groupBy(this.wanted, ({ node, size }) =>
      size <= ROW_SIZES.at(-1) ? `grid${this.model.grid[node]}/${size}` : "single",
    );
    for (const [key, wants] of byGrid) {
      const asRow = key !== "single" && wants.length >= ROW_FROM;
      for (const { node, size, distance } of wants) {
        const name = asRow ? key : `${node}/${size}`;
        const job = jobs.get(name) ?? { name, node, size, asRow, distance };
        job.distance = Math.min(job.distance, distance);
        jobs.set(name, job);
      }
    }
    this.queue = [...jobs.values()].sort((a, b) => a.distance - b.distance);
    this.next();
  }

  /** Fetches nothing for a moment: what is in view while one zooms is soon out of it. */
  hold() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.waiting = 0;
      this.next();
    }, PAUSE);
  }

  next() {
    if (this.waiting || this.closed) return;
    while (this.busy.size < AT_A_TIME && this.queue?.length) {
      const job = this.queue.shift();
      const late = performance.now() - (this.failed.get(job.name) ?? -Infinity) < TRY_AGAIN;
      if (!this.busy.has(job.name) && !this.held.has(job.name) && !late) this.fetch(job);
    }
  }

  async fetch(job) {
    this.busy.add(job.name);
    this.requests += 1;
    try {
      const answer = await fetch(this.addressOf(job));
      if (!answer.ok) throw new Error(answer.statusText);
      const bitmap = await createImageBitmap(await answer.blob());
      this.keep(job.name, bitmap);
    } catch {
      this.failed.set(job.name, performance.now());
    }
    this.busy.delete(job.name);
    if (this.closed) return;
    this.onArrival();
    this.next();
  }

  addressOf({ node, size, asRow }) {
    const { model } = this;
    if (!asRow) return `/picture/${model.ids[node]}.jpg?size=${size}`;
    return `/trees/grid/${model.grids[model.grid[node]][0]}.jpg?size=${size}`;
  }

  keep(name, bitmap) {
    const pixels = bitmap.width * bitmap.height;
    this.held.set(name, { bitmap, pixels });
    this.pixels += pixels;
    for (const [key, old] of this.held) {
      if (this.pixels <= KEPT_PIXELS) break;
      this.held.delete(key);
      this.pixels -= old.pixels;
      old.bitmap.close();
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.waiting);
    this.queue = [];
    for (const { bitmap } of this.held.values()) bitmap.close();
    this.held.clear();
  }
}
