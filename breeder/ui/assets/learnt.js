// What was learnt of a person's taste, and what they may do with it: a Streamlit component (v2).
// components.py puts shared.js and outbox.js before it.
//
// Words and numbers come from the server; they are only ever set as text.

const SVG = "http://www.w3.org/2000/svg";
const LOOK_AGAIN_AFTER = 900; // ms, while something is being learnt; each time half as long again
const LOOK_AGAIN_AT_MOST_EVERY = 15_000;
const HEIGHT = 190; // px
const EDGE = { left: 44, right: 54, top: 12, bottom: 24 }; // px

export default function learnt(component) {
  return live(component, ".learnt", Learnt);
}

class Learnt {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null;
    this.asking = false; // whether it is asked if all is to be forgotten
    this.doing = ""; // what is on its way
    this.timer = 0;
    this.wait = LOOK_AGAIN_AFTER;
    this.part = (name) => root.querySelector(`.${name}`);
    this.act = (name) => root.querySelector(`[data-act="${name}"]`);
    this.outbox = new Outbox(() => this.paint());
    this.ending = new AbortController();
    root.addEventListener("click", (event) => this.onClick(event), { signal: this.ending.signal });
    root.addEventListener("keydown", (event) => this.onKey(event), { signal: this.ending.signal });
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(root);
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    this.data = data;
    this.outbox.hear(data);
    if (!this.outbox.unanswered.length) this.doing = "";
    this.paint();
    this.lookAgain();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    clearTimeout(this.timer);
    this.ending.abort();
    this.resizing.disconnect();
    this.outbox.close();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  /** Asks how it stands while something is being learnt: the page does not run by itself. */
  lookAgain() {
    clearTimeout(this.timer);
    if (!this.data.busy) {
      this.wait = LOOK_AGAIN_AFTER;
      return;
    }
    this.timer = setTimeout(() => {
      if (!this.outbox.unanswered.length && !document.hidden) this.outbox.put({ kind: "look" });
      this.wait = Math.min(this.wait * 1.5, LOOK_AGAIN_AT_MOST_EVERY);
      this.lookAgain();
    }, this.wait);
  }

  // What the person does ---------------------------------------------------------------------

  onClick(event) {
    const act = event.target.closest("button")?.dataset.act;
    if (!act || event.target.closest("button").getAttribute("aria-disabled") === "true") return;
    if (act === "ask" || act === "cancel") this.ask(act === "ask");
    else this.say(act);
  }

  onKey(event) {
    if (event.key !== "Escape" || !this.asking) return;
    event.stopPropagation();
    this.ask(false);
  }

  ask(asking) {
    this.asking = asking;
    this.paint();
    (asking ? this.act("reset") : this.act("ask")).focus();
  }

  say(kind) {
    this.asking = false;
    this.doing = kind;
    this.outbox.put({ kind });
    this.paint();
    this.act("ask").focus(); // what was pressed goes
  }

  // Drawing ----------------------------------------------------------------------------------

  paint() {
    const { data, root } = this;
    if (!data) return;
    setAttribute(root, "data-state", data.state);
    setText(this.part("headline"), data.headline);
    setText(this.part("sentence"), whole(data.sentence));
    setText(this.part("number"), whole(data.number));
    setText(this.part("about"), whole(data.about));
    this.part("figures").hidden = !data.number;
    this.part("words").hidden = !data.likes.length && !data.dislikes.length;
    list(this.part("likes"), data.likes);
    list(this.part("dislikes"), data.dislikes);
    setText(this.part("wordless"), data.wordless);
    this.part("wordless").hidden = !data.wordless;
    this.counts(data.counts);
    setText(this.part("since"), data.since);
    setText(this.part("network"), data.network);
    this.part("network").hidden = !data.network;
    this.paintDoing();
    this.draw();
  }

  paintDoing() {
    const { asking, data, doing } = this;
    const busy = Boolean(doing);
    this.part("sure").hidden = !asking;
    this.part("doing").hidden = asking;
    this.act("remember").hidden = !data.forgotten;
    for (const name of ["ask", "remember", "reset"]) {
      setAttribute(this.act(name), "aria-disabled", busy);
    }
    const words = { reset: "Forgetting…", remember: "Learning from everything again…" };
    const line = !this.outbox.connected
      ? "Not connected."
      : words[doing] || (data.busy ? "Learning…" : data.forgotten);
    setText(this.part("news"), line);
  }

  counts(counts) {
    const rows = counts.map(([number, what]) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const value = document.createElement("dd");
      term.textContent = what;
      value.textContent = number;
      row.append(value, term);
      return row;
    });
    this.part("counts").replaceChildren(...rows);
  }

  /** Draws how the share foretold went, choice by choice, about the line of chance. */
  draw() {
    const { data } = this;
    const course = this.part("course");
    if (!data) return;
    course.hidden = data.course.length < 2;
    const width = course.clientWidth;
    if (course.hidden || !width) return;
    const svg = this.part("curve");
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    svg.setAttribute("aria-label", data.course_words);
    setText(course.querySelector("figcaption"), whole(data.caption));
    svg.replaceChildren(...this.drawing(width));
  }

  drawing(width) {
    const { course, hits, foretold } = this.data;
    const x = (place) =>
      EDGE.left + ((width - EDGE.left - EDGE.right) * (place - 1)) / Math.max(1, foretold - 1);
    const y = (share) => EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - share);
    const right = width - EDGE.right;
    const band = [
      ...course.map(([pick, , , high]) => `${x(pick)},${y(high)}`),
      ...course.map(([pick, , low]) => `${x(pick)},${y(low)}`).reverse(),
    ];
    const last = course[course.length - 1];
    const near = Math.abs(y(0.5) - y(last[1])) < 15;
    const aside = near ? (last[1] < 0.5 ? -15 : 15) : 0; // its word keeps clear of the number
    return [
      ...[0, 0.5, 1].map((share) => {
        return text(EDGE.left - 10, y(share) + 4, `${100 * share} %`, "mark end");
      }),
      ...hits.map(([pick, share]) => shape("circle", { cx: x(pick), cy: y(share), r: 1.6, class: "hit" })),
      shape("polygon", { points: band.join(" "), class: "band" }),
      shape("line", { x1: EDGE.left, x2: right, y1: y(0.5), y2: y(0.5), class: "chance" }),
      text(right + 10, y(0.5) + 4 + aside, "chance", "mark"),
      shape("polyline", {
        points: course.map(([pick, mean]) => `${x(pick)},${y(mean)}`).join(" "),
        class: "mean",
      }),
      shape("circle", { cx: x(last[0]), cy: y(last[1]), r: 4, class: "now" }),
      text(right + 10, y(last[1]) + 4, `${Math.round(100 * last[1])} %`, "mark strong"),
      text(EDGE.left, HEIGHT - 4, "first choice", "mark"),
      text(right, HEIGHT - 4, `${foretold} choices`, "mark end"),
    ];
  }
}

/** Keeps a number and its sign on one line. */
function whole(words) {
  return words.replaceAll(" %", "\u00a0%");
}

function list(element, words) {
  element.replaceChildren(
    ...words.map((word) => {
      const item = document.createElement("li");
      item.textContent = word;
      return item;
    }),
  );
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function text(x, y, words, kind) {
  const element = shape("text", { x, y, class: kind });
  element.textContent = words;
  return element;
}
