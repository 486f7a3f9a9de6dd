// The pictures of the tiles, a part of grid.js: kept, decoded, and made sharper afterwards.

const DECODE_WITHIN = 12_000; // ms for a picture to load; a grid waits no longer for it
const SHARPEN_AFTER = 350; // ms a grid stays before sharper pictures are asked for
const SHARPEN_AT_ONCE = 3;
const PICTURES_KEPT = 160; // some 10 grids; 15 kB each

const pictures = new Map(); // genome id -> data address, oldest first; outlives a remount

function remember(inline) {
  for (const [id, address] of Object.entries(inline ?? {})) {
    if (!String(address).startsWith("data:image/")) continue;
    pictures.delete(id);
    pictures.set(id, address);
  }
  for (const id of pictures.keys()) {
    if (pictures.size <= PICTURES_KEPT) break;
    pictures.delete(id);
  }
}

/** The decoded picture of a tile, or null when it cannot be had. */
async function load({ id, url }) {
  const kept = pictures.get(id);
  return (kept && (await decoded(kept))) || (url ? decoded(url) : null);
}

async function decoded(address) {
  const image = new Image();
  image.alt = "";
  image.draggable = false;
  image.src = address;
  let timer = 0;
  const late = new Promise((_, fail) => (timer = setTimeout(fail, DECODE_WITHIN)));
  try {
    await Promise.race([image.decode(), late]);
    return image;
  } catch {
    return null; // the tile says so, the others are shown all the same
  } finally {
    clearTimeout(timer);
  }
}

function place(tile, id, image, size = 256) {
  tile.id = id;
  tile.size = image ? size : 0;
  tile.coming = "";
  setAttribute(tile.frame, "data-broken", !image);
  tile.picture.replaceChildren(...(image ? [image] : []));
}

/** Asks for sharper pictures where the screen can show them, once a grid has stayed a while. */
class Sharpener {
  constructor(grid) {
    this.grid = grid;
    this.timer = 0;
  }

  soon() {
    clearTimeout(this.timer);
    if (this.grid.generation) this.timer = setTimeout(() => this.sharpen(), SHARPEN_AFTER);
  }

  stop() {
    clearTimeout(this.timer);
  }

  /** Pixels on a side that a tile can show, in steps of 256; 0 if the small one is enough. */
  get size() {
    const width = this.grid.tiles[0]?.picture.offsetWidth ?? 0;
    if (devicePixelRatio <= 1.25 && width <= 256) return 0;
    const steps = Math.ceil((width * devicePixelRatio) / 256);
    return steps > 1 ? Math.min(steps, 4) * 256 : 0;
  }

  async sharpen() {
    const { grid, size } = this;
    const { generation } = grid;
    if (!size || !grid.live) return;
    const waiting = grid.shown.tiles.map((wanted, index) => [wanted, grid.tiles[index]]);
    const lane = async () => {
      while (waiting.length && grid.live && grid.generation === generation) {
        const [wanted, tile] = waiting.shift();
        if (!wanted.url || !tile || tile.id !== wanted.id || tile.size >= size) continue;
        const image = await decoded(sized(wanted.url, size));
        if (image && tile.id === wanted.id && tile.size < size) place(tile, tile.id, image, size);
      }
    };
    await Promise.all(Array.from({ length: SHARPEN_AT_ONCE }, lane));
  }
}
