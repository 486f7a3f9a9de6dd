// Draws the family tree on a canvas: dots from afar, thumbnails from near, and a map of the whole.

const DOTS_BELOW = 10; // px of a picture: smaller ones are dots of its mean colour
const CURVES_FROM = 5; // px of a picture from which edges are curves
const EDGES_FROM = 16; // px of a picture from which those not picked have edges too
const BADGES_FROM = 38;
const ROUND_FROM = 40;
const AXIS = 26; // px at the top
const TALL_BELOW = 18; // px of a picture below which a long tree is drawn taller
const MOST_TALL = 9;
const KIN = "oklch(0.72 0.17 60)"; // as --kin in tree.css

class TreePainter {
  constructor(canvas, map) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.map = map;
    this.times = []; // ms of the last frames, for those who measure
  }

  /** Matches the canvas to its place; returns whether it changed. */
  fit() {
    const { clientWidth, clientHeight } = this.canvas;
    const scale = Math.min(devicePixelRatio || 1, 2);
    if (clientWidth === this.width && clientHeight === this.height && scale === this.scale)
      return false;
    [this.width, this.height, this.scale] = [clientWidth, clientHeight, scale];
    this.canvas.width = Math.round(clientWidth * scale);
    this.canvas.height = Math.round(clientHeight * scale);
    return true;
  }

  theme(root) {
    const style = getComputedStyle(root);
    const get = (name) => style.getPropertyValue(name).trim();
    const mix = (name) => {
      const [red, green, blue] = parseColour(get(name)) ?? [128, 128, 128];
      return {
        solid: `rgb(${red} ${green} ${blue})`,
        faint: (alpha) => `rgb(${red} ${green} ${blue} / ${alpha})`,
      };
    };
    this.ink = mix("--ink");
    this.paper = mix("--paper");
    this.accent = mix("--accent");
    this.font = get("--st-font") || "system-ui, sans-serif";
  }

  /** Draws one frame; `view` says what, `thumbs` has the pictures. */
  paint(model, transform, view, thumbs) {
    const began = performance.now();
    const { context, width, height, scale } = this;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.fillStyle = this.paper.solid;
    context.fillRect(0, 0, width, height);
    const { x: left, y: top, k } = transform;
    this.frame = { model, view, k, left, top, place: this.placer(model, transform) };
    this.first = Math.floor((-left / k - 1) / PITCH_X);
    this.last = Math.ceil((width - left) / k / PITCH_X);
    this.paintBands();
    this.paintEdges();
    thumbs.begin();
    this.paintNodes(thumbs);
    thumbs.end();
    this.paintAxis();
    this.times.push(performance.now() - began);
    if (this.times.length > 600) this.times.shift();
  }

  /**
   * Where a row of the world is drawn, and back. From afar, a tree that is far longer than high is
   * drawn taller than it is, about the middle of the screen, so that its branches can be told apart.
   */
  placer(model, { y: top, k }) {
    const { top: first, bottom: last } = model.bounds;
    const whole = Math.min(TALL_BELOW, this.width / (model.bounds.right - model.bounds.left + 2));
    const room = (0.6 * this.height) / ((last - first) * whole);
    const most = Math.max(1, Math.min(MOST_TALL, room));
    const near = Math.log(Math.max(k, whole) / whole) / Math.log(TALL_BELOW / whole + 1e-9);
    const tall = k >= TALL_BELOW ? 1 : most ** (1 - Math.min(1, near));
    const middle = (this.height + AXIS) / 2;
    return {
      of: (y) => middle + (top + y * k - middle) * tall,
      back: (sy) => ((sy - middle) / tall + middle - top) / k,
    };
  }

  /** The column where the run stands. */
  paintBands() {
    const { model, k, left } = this.frame;
    const current = model.grids.find((grid) => grid[4]);
    if (!current) return;
    const x = left + (current[1] * PITCH_X - 0.3) * k;
    this.context.fillStyle = this.accent.faint(0.09);
    this.context.fillRect(x, 0, Math.max(2, (model.tip ? 2.25 : 1.6) * k), this.height);
  }

  paintEdges() {
    const { model, view, k } = this.frame;
    const [from, to] = model.edgesBetween(this.first, this.last);
    const kinds = { plain: [], second: [], path: [], chosen: [] };
    for (let index = from; index < to; index += 1) {
      const edge = model.edges[index];
      if (model.column[edge.parent] > this.last) continue;
      if (view.kin.has(edge.child) && view.kin.has(edge.parent)) kinds.chosen.push(edge);
      else if (edge.isPath) kinds.path.push(edge);
      else if (k > EDGES_FROM || model.is(edge.child, "chosen"))
        kinds[edge.place ? "second" : "plain"].push(edge);
    }
    const dim = view.kin.size > 1 ? 0.5 : 1;
    const thin = Math.min(1.5, 0.5 + k / 30);
    this.stroke(kinds.plain, this.ink.faint(0.26 * dim), thin);
    this.stroke(kinds.second, `oklch(0.68 0.12 195 / ${0.6 * dim})`, thin, [4, 3]);
    this.stroke(kinds.path, this.accent.faint(0.85), Math.min(4, 1 + k / 18));
    this.stroke(kinds.chosen, KIN, Math.min(4, 1.2 + k / 16));
  }

  stroke(edges, style, width, dash = []) {
    if (!edges.length) return;
    const { context } = this;
    const { model, k, left, place } = this.frame;
    context.beginPath();
    for (const { parent, child } of edges) {
      const x0 = left + (model.x[parent] + 1) * k;
      const y0 = place.of(model.y[parent] + 0.5);
      const x1 = left + model.x[child] * k;
      const y1 = place.of(model.y[child] + 0.5);
      if ((y0 < 0 && y1 < 0) || (y0 > this.height && y1 > this.height)) continue;
      context.moveTo(x0, y0);
      const bend = Math.min((x1 - x0) / 2, 0.6 * PITCH_X * k);
      if (k < CURVES_FROM || Math.abs(y1 - y0) < 1) context.lineTo(x1, y1);
      else context.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1);
    }
    context.strokeStyle = style;
    context.lineWidth = width;
    context.setLineDash(k < 12 ? [] : dash);
    context.stroke();
    context.setLineDash([]);
  }

  paintNodes(thumbs) {
    const { model, k, left, place } = this.frame;
    for (let column = this.first; column <= this.last; column += 1) {
      const nodes = model.columns.get(column);
      if (!nodes) continue;
      for (const node of nodes) {
        const x = left + model.x[node] * k;
        const side = k * model.size[node];
        const y = place.of(model.y[node] + model.size[node] / 2) - side / 2;
        if (y + side < 0) continue;
        if (y > this.height) break;
        if (side < DOTS_BELOW) this.paintDot(node, x, y, side);
        else this.paintPicture(node, x, y, side, thumbs);
      }
    }
    this.context.globalAlpha = 1;
  }

  paintDot(node, x, y, k) {
    const { model, view } = this.frame;
    const { context } = this;
    const path = model.is(node, "path");
    const selected = node === view.selected;
    const least = selected ? 8 : model.is(node, "favourite") ? 5 : path ? 3.5 : 2;
    const side = Math.max(least, k);
    const off = (k - side) / 2;
    context.globalAlpha = path || selected ? 1 : model.is(node, "chosen") ? 0.8 : 0.35;
    context.fillStyle = selected ? KIN : model.is(node, "favourite") ? "#f5b400" : model.css[node];
    context.fillRect(x + off, y + off, side, side);
  }

  paintPicture(node, x, y, k, thumbs) {
    const { model, view } = this.frame;
    const { context } = this;
    const dimmed =
      view.kin.size > 1 ? !view.kin.has(node) : !model.is(node, "chosen") && !model.tip?.has(node);
    const round = k >= ROUND_FROM ? k * 0.09 : 0;
    context.globalAlpha = dimmed && node !== view.hovered ? 0.42 : 1;
    const distance = Math.hypot(x + k / 2 - this.width / 2, y + k / 2 - this.height / 2);
    const found = thumbs.of(node, k * this.scale, distance);
    if (round) {
      context.save();
      context.beginPath();
      context.roundRect(x, y, k, k, round);
      context.clip();
    }
    if (found) context.drawImage(found[0], found[1], 0, found[2], found[2], x, y, k, k);
    else {
      context.fillStyle = model.css[node];
      context.fillRect(x, y, k, k);
    }
    if (round) context.restore();
    context.globalAlpha = 1;
    this.paintFrame(node, x, y, k, round);
    if (k >= BADGES_FROM) this.paintBadges(node, x, y, k);
  }

  paintFrame(node, x, y, k, round) {
    const { model, view } = this.frame;
    const { context } = this;
    const selected = node === view.selected || node === view.compared;
    const path = model.is(node, "path");
    const run = model.runs.length > 1;
    if (!selected && !path && !run && node !== view.hovered) {
      if (k < ROUND_FROM * model.size[node]) return;
      context.strokeStyle = this.ink.faint(0.16); // where a picture is as light as the paper
      context.lineWidth = 1;
      context.beginPath();
      context.roundRect(x, y, k, k, round);
      context.stroke();
      return;
    }
    const width = selected ? 4 : 2.5;
    context.strokeStyle = selected
      ? KIN
      : path
        ? this.accent.solid
        : run
          ? runColour(model.grids[model.grid[node]][2])
          : this.ink.faint(0.6);
    context.lineWidth = Math.min(width, 1 + k / 14);
    const gap = context.lineWidth / 2 + (k > 30 ? 1.5 : 0);
    context.beginPath();
    context.roundRect(x - gap, y - gap, k + 2 * gap, k + 2 * gap, round ? round + gap : 2);
    context.stroke();
  }

  /** Favourites have a star, founders a seed, what was brought in an arrow, the autopilot's a lozenge. */
  paintBadges(node, x, y, k) {
    const { model } = this.frame;
    const size = Math.max(13, Math.min(24, k * 0.26));
    if (model.is(node, "favourite"))
      this.badge(x + k - size * 0.6, y + size * 0.6, size, "★", "#ffd34d");
    const sign = model.is(node, "founder")
      ? "✿"
      : model.is(node, "import")
        ? "⇣"
        : model.isAutomatic(node)
          ? "◇"
          : "";
    if (sign) this.badge(x + size * 0.6, y + size * 0.6, size, sign, "#fff");
  }

  badge(x, y, size, sign, colour) {
    const { context } = this;
    context.fillStyle = "rgb(20 20 24 / 0.78)";
    context.beginPath();
    context.arc(x, y, size / 2, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = colour;
    context.font = `${size * 0.62}px ${this.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(sign, x, y + size * 0.04);
  }

  /** The numbers of the generations along the top, as many as have room. */
  paintAxis() {
    const { context } = this;
    const { model, k, left } = this.frame;
    context.fillStyle = this.paper.faint(0.88);
    context.fillRect(0, 0, this.width, AXIS);
    context.font = `12px ${this.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const step =
      [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((each) => each * PITCH_X * k > 44) ?? 2000;
    const current = model.grids.find((grid) => grid[4])?.[1] ?? null;
    const most = Math.round((model.bounds.right - 1) / PITCH_X);
    const here = current === null ? null : left + (current * PITCH_X + (model.tip ? 0.8 : 0.5)) * k;
    const [label, x, wide] = here === null ? ["", -Infinity, 0] : this.hereLabel(current, here);
    context.fillStyle = this.ink.faint(0.7);
    for (
      let column = Math.max(0, Math.ceil(this.first / step) * step);
      column <= Math.min(this.last, most);
      column += step
    ) {
      const middle = left + (column * PITCH_X + 0.5) * k;
      if (Math.abs(middle - x) > wide / 2 + 14) context.fillText(String(column), middle, AXIS / 2);
    }
    if (here === null) return;
    context.fillStyle = this.accent.solid;
    context.beginPath();
    context.roundRect(x - wide / 2, 3, wide, AXIS - 6, 10);
    context.fill();
    context.fillStyle =
      contrastWithWhite(parseColour(this.accent.solid) ?? [0, 0, 0]) > 3.5 ? "#fff" : "#17132e";
    context.fillText(label, x, AXIS / 2 + 0.5);
  }

  /** Says where the run stands, and on which side where that is out of view. */
  hereLabel(current, here) {
    const words = `${current} · you are here`;
    const label = here < 0 ? `← ${words}` : here > this.width ? `${words} →` : words;
    const wide = this.context.measureText(label).width + 18;
    return [label, Math.max(wide / 2 + 4, Math.min(this.width - wide / 2 - 4, here)), wide];
  }

  /** The map of the whole, drawn once for each layout, and the part in view on it. */
  paintMap(model, transform) {
    const { map } = this;
    const { bounds } = model;
    const [wide, high] = [map.clientWidth, map.clientHeight];
    const { left, top, right, bottom } = bounds;
    const [x0, y0] = transform.apply([left, top]);
    const [x1, y1] = transform.apply([right, bottom]);
    const inView = x0 >= 0 && y0 >= 0 && x1 <= this.width && y1 <= this.height;
    setAttribute(map, "data-needed", !inView);
    if (!wide || !high || inView) return;
    const fit = Math.min(
      (wide - 8) / (bounds.right - bounds.left),
      (high - 8) / (bounds.bottom - bounds.top),
    );
    const kx = Math.max(fit, (wide - 8) / (bounds.right - bounds.left));
    const place = {
      kx,
      ky: fit === kx ? fit : Math.min((high - 8) / (bounds.bottom - bounds.top), Math.max(fit, 3)),
    };
    place.left = 4 - bounds.left * place.kx;
    place.top = high / 2 - ((bounds.top + bounds.bottom) / 2) * place.ky;
    this.mapPlace = place;
    if (this.mapOf !== model.columns || this.mapWide !== wide)
      this.drawMap(model, place, wide, high);
    const context = map.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, map.width, map.height);
    context.drawImage(this.mapPicture, 0, 0);
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    const x = place.left - (transform.x / transform.k) * place.kx;
    const y = place.top - (transform.y / transform.k) * place.ky;
    context.strokeStyle = this.accent.solid;
    context.lineWidth = 2;
    const [w, h] = [(this.width / transform.k) * place.kx, (this.height / transform.k) * place.ky];
    const clamp = (value, most) => Math.max(1, Math.min(most - 1, value));
    const box = [clamp(x, wide), clamp(y, high), clamp(x + w, wide), clamp(y + h, high)];
    context.fillStyle = this.accent.faint(0.12);
    context.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
    context.strokeRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  }

  drawMap(model, place, wide, high) {
    const picture = new OffscreenCanvas(
      Math.round(wide * this.scale),
      Math.round(high * this.scale),
    );
    [this.map.width, this.map.height] = [picture.width, picture.height];
    const context = picture.getContext("2d");
    context.scale(this.scale, this.scale);
    for (const mark of ["", "path"]) {
      for (const node of model.shown) {
        if ((mark === "path") !== model.is(node, "path")) continue;
        const [w, h] = [Math.max(1.5, place.kx), Math.max(mark ? 2.5 : 1, place.ky)];
        context.fillStyle = mark ? this.accent.solid : model.css[node];
        context.globalAlpha = mark || model.is(node, "chosen") ? 1 : 0.4;
        context.fillRect(
          place.left + model.x[node] * place.kx,
          place.top + model.y[node] * place.ky,
          w * model.size[node],
          h,
        );
      }
    }
    [this.mapPicture, this.mapOf, this.mapWide] = [picture, model.columns, wide];
  }
}
