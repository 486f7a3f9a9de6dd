// The family tree as the browser knows it: what is shown, and where. Draws nothing.
//
// World units: a picture is 1 x 1; a column is PITCH_X wide, a row PITCH_Y high.

const MARKS = {
  picked: 1,
  path: 2,
  favourite: 4,
  founder: 8,
  import: 16,
  crossed: 32,
  current: 64,
  chosen: 128,
}; // family/graph.py has the same numbers
const PITCH_X = 1.9;
const PITCH_Y = 1.22;
const SMALL = 0.5; // of the pictures of the grid where the run stands, before they are picked

class TreeModel {
  constructor(plain) {
    Object.assign(this, plain);
    this.count = plain.ids.length;
    this.byId = new Map(plain.ids.map((id, node) => [id, node]));
    this.children = Array.from({ length: this.count }, () => []);
    plain.parents.forEach((parents, node) =>
      parents.forEach((each) => this.children[each].push(node)),
    );
    this.css = plain.colors.map((color, node) => this.colourOf(color, node));
    this.everything = false;
    this.only = null; // a set of nodes, when only they are shown
    this.lay();
  }

  /** A node without a mean colour has that of its run. */
  colourOf(color, node) {
    if (color >= 0) return `#${color.toString(16).padStart(6, "0")}`;
    return runColour(this.grids[this.grid[node]][2]);
  }

  is(node, mark) {
    return (this.marks[node] & MARKS[mark]) !== 0;
  }

  /** Whether the autopilot chose what the grid of a picture was bred from. */
  isAutomatic(node) {
    return this.grids[this.grid[node]][5] === 1;
  }

  isShown(node) {
    if (this.only) return this.only.has(node);
    return this.everything || this.tip?.has(node) || this.is(node, "chosen");
  }

  /** Places what is shown, and sorts it by columns for drawing and hitting. */
  lay() {
    const rows = this.everything && !this.only ? this.row : this.chosen_row;
    this.x = new Float32Array(this.count);
    this.y = new Float32Array(this.count);
    this.size = new Float32Array(this.count).fill(1);
    this.tip = null;
    this.shown = [];
    for (let node = 0; node < this.count; node += 1) {
      this.x[node] = this.column[node] * PITCH_X;
      this.y[node] = rows[node] * PITCH_Y;
      if (this.isShown(node)) this.shown.push(node);
    }
    if (this.only) this.stack();
    else if (!this.everything) this.layTip();
    this.columns = new Map();
    for (const node of this.shown) {
      const column = this.columns.get(this.column[node]);
      if (column) column.push(node);
      else this.columns.set(this.column[node], [node]);
    }
    for (const column of this.columns.values()) column.sort((a, b) => this.y[a] - this.y[b]);
    this.findEdges();
    this.findBounds();
  }

  /** Closes the gaps that others left, the line in the middle. */
  stack() {
    const columns = Map.groupBy(this.shown, (node) => this.column[node]);
    for (const nodes of columns.values()) {
      nodes.sort((a, b) => this.y[a] - this.y[b] || a - b);
      const line = nodes.findIndex((node) => this.line?.has(node));
      const middle = line < 0 ? (nodes.length - 1) / 2 : line;
      nodes.forEach((node, place) => (this.y[node] = (place - middle) * PITCH_Y));
    }
  }

  /** The grid where the run stands, if nothing was bred from it yet: small, as it is on the page. */
  layTip() {
    const here = this.marks.flatMap((mark, node) => (mark & MARKS.current ? [node] : []));
    const tip = here.filter((node) => this.grids[this.grid[node]][4]);
    const isBredFrom = (node) =>
      this.children[node].some((each) => this.grid[each] !== this.grid[node]);
    if (!tip.length || tip.some(isBredFrom)) return;
    const wide = Math.max(3, Math.ceil(Math.sqrt(tip.length / 1.7)));
    const high = Math.ceil(tip.length / wide);
    const before = new Set(this.shown);
    tip.forEach((node, place) => {
      this.size[node] = SMALL;
      this.x[node] = this.column[tip[0]] * PITCH_X + (place % wide) * SMALL * 1.1;
      this.y[node] = 0.5 + (Math.floor(place / wide) - high / 2) * SMALL * 1.1;
      if (!before.has(node)) this.shown.push(node);
    });
    this.tip = new Set(tip);
  }

  findEdges() {
    const edges = [];
    let span = 0;
    for (const child of this.shown) {
      this.parents[child].forEach((parent, place) => {
        if (!this.isShown(parent) || this.size[child] < 1) return;
        const isPath = this.is(child, "path") && this.is(parent, "path");
        edges.push({ parent, child, place, isPath });
        span = Math.max(span, this.column[child] - this.column[parent]);
      });
    }
    edges.sort((a, b) => this.column[a.child] - this.column[b.child]);
    this.edges = edges;
    this.edgeSpan = span;
    this.edgeColumns = edges.map((edge) => this.column[edge.child]);
  }

  /** The edges that touch some columns, as indexes from and to. */
  edgesBetween(first, last) {
    return [
      lowerBound(this.edgeColumns, first),
      lowerBound(this.edgeColumns, last + this.edgeSpan + 1),
    ];
  }

  findBounds() {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const node of this.shown) {
      left = Math.min(left, this.x[node]);
      right = Math.max(right, this.x[node] + this.size[node]);
      top = Math.min(top, this.y[node]);
      bottom = Math.max(bottom, this.y[node] + this.size[node]);
    }
    this.bounds = this.shown.length
      ? { left, top, right, bottom }
      : { left: 0, top: 0, right: 1, bottom: 1 };
  }

  /** The node at a point of the world, or the nearest within some distance; -1 for none. */
  at(x, y, slack = 0.12) {
    let best = -1;
    let least = Infinity;
    const first = Math.floor((x - 1 - slack) / PITCH_X);
    for (let column = first; column <= first + 2 + Math.ceil(slack / PITCH_X); column += 1) {
      for (const node of this.columns.get(column) ?? []) {
        const dx = Math.max(this.x[node] - x, 0, x - this.x[node] - this.size[node]);
        const dy = Math.max(this.y[node] - y, 0, y - this.y[node] - this.size[node]);
        const far = Math.hypot(dx, dy);
        if (far <= slack && far < least) [best, least] = [node, far];
      }
    }
    return best;
  }

  ancestors(node) {
    const found = new Set([node]);
    for (const each of found) for (const parent of this.parents[each]) found.add(parent);
    return found;
  }

  /** A node and its first parents back to a start. */
  lineOf(node) {
    const line = new Set();
    while (node !== undefined && !line.has(node)) {
      line.add(node);
      node = this.parents[node][0];
    }
    return line;
  }

  showOnly(node) {
    this.only = node < 0 ? null : this.ancestors(node);
    this.line = node < 0 ? null : this.lineOf(node);
    this.lay();
  }

  /** Where an arrow key leads from a node: along the tree, or to a neighbour in the column. */
  neighbour(node, key) {
    const shown = (nodes) => nodes.filter((each) => this.isShown(each));
    if (key === "ArrowLeft") return shown(this.parents[node])[0] ?? this.beside(node, -1);
    if (key === "ArrowRight") {
      const children = shown(this.children[node]);
      return children.find((each) => this.is(each, "path")) ?? children[0] ?? this.beside(node, 1);
    }
    const column = this.columns.get(this.column[node]) ?? [];
    return column[column.indexOf(node) + (key === "ArrowUp" ? -1 : 1)] ?? node;
  }

  /** The nearest node some columns further. */
  beside(node, step) {
    for (
      let column = this.column[node] + step;
      Math.abs(column - this.column[node]) < 40;
      column += step
    ) {
      const nodes = this.columns.get(column);
      if (!nodes) continue;
      return nodes.reduce((best, each) =>
        Math.abs(this.y[each] - this.y[node]) < Math.abs(this.y[best] - this.y[node]) ? each : best,
      );
    }
    return node;
  }

  /** The picture that stands for where the run is: a pick of the current grid, or one of its parents. */
  get now() {
    if (this.focus >= 0) return this.focus;
    const current = this.shown.filter((node) => this.is(node, "current"));
    const paths = this.shown.filter((node) => this.is(node, "path"));
    return (
      current.find((node) => this.is(node, "path")) ??
      paths.at(-1) ??
      current[0] ??
      this.shown.at(-1) ??
      -1
    );
  }

  /** The first node of a generation number, those on the path and those shown first; -1 for none. */
  ofNumber(number) {
    const isOf = (node) => this.grids[this.grid[node]][1] === number;
    const nodes = this.shown.filter(isOf);
    const any = () => this.grid.findIndex((_, node) => isOf(node));
    return nodes.find((node) => this.is(node, "path")) ?? nodes[0] ?? any();
  }
}

function lowerBound(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A calm colour for each run of a family. */
function runColour(run) {
  return `oklch(0.68 0.11 ${(262 + run * 137.5) % 360})`;
}
