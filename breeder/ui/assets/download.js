// Takes a picture away at any size, a Streamlit component (v2). Small pictures are links; large ones
// are ordered from the server, which draws them in the background while this asks how far it is.
//
// The shelf of pictures being made belongs to the tab, not to the dialog, so that the dialog may be
// closed: the file still comes. Titles and messages are only ever set as text.

const AT_ONCE = 4096; // samples a side that are drawn in a moment: a link is enough
const DPI = 300;
const ASK_EVERY = 400; // ms
const KEPT = 55_000; // ms for which a file can be saved again; the server keeps it a minute
const TRIES = 40; // answers that may fail one after another, half a minute in all

export default function download(component) {
  return live(component, ".download", Download);
}

/** The pictures of this tab that are being made or were just made. */
class Shelf {
  constructor() {
    this.posters = [];
    this.listeners = new Set();
    // a page that goes takes along what nobody will fetch; what is done may still be on its way
    addEventListener("pagehide", () => {
      for (const poster of this.posters) if (isUnderWay(poster)) forget(poster);
    });
  }

  /** Orders a picture, unless the same one is being made. */
  async order(wanted) {
    const same = (poster) => Object.entries(wanted).every(([name, value]) => poster[name] === value);
    if (this.posters.some((poster) => isUnderWay(poster) && same(poster))) return;
    const poster = { ...wanted, state: "ordering", rows: 0, height: 1, failures: 0 };
    this.posters.push(poster);
    this.tell();
    try {
      const answer = await fetch(`/posters?${query(wanted)}`, { method: "POST" });
      if (!answer.ok) throw new Error(await answer.text());
      poster.token = (await answer.json()).token;
    } catch (error) {
      this.fail(poster, error instanceof TypeError ? "The server does not answer." : error.message);
      return;
    }
    if (poster.state === "ordering") poster.state = "waiting";
    else forget(poster); // cancelled while the order was on its way
    this.ask(poster);
  }

  /** Asks how far a picture is, again and again until it is made. */
  async ask(poster) {
    while (isUnderWay(poster)) {
      await this.askOnce(poster);
      this.tell();
      if (poster.state === "done") this.hand(poster);
      else await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
    }
  }

  /** Lets the browser save a finished picture, and offers that again for a while. */
  hand(poster) {
    save(poster);
    poster.kept = true;
    this.tell();
    setTimeout(() => {
      poster.kept = false;
      this.tell();
    }, KEPT);
  }

  async askOnce(poster) {
    try {
      const answer = await fetch(`/posters/${poster.token}`, { cache: "no-store" });
      if (!isUnderWay(poster)) return; // cancelled meanwhile
      if (answer.status === 404) return this.fail(poster, await answer.text());
      if (!answer.ok) throw new Error(answer.statusText);
      Object.assign(poster, await answer.json(), { failures: 0 });
    } catch {
      poster.failures += 1;
      if (poster.failures > TRIES) this.fail(poster, "The server does not answer.");
    }
  }

  fail(poster, message) {
    if (!isUnderWay(poster)) return;
    poster.state = "failed";
    poster.message = message || "The picture could not be made.";
    this.tell();
  }

  /** Cancels a picture, or clears it away. */
  drop(poster) {
    if (isUnderWay(poster)) forget(poster);
    poster.state = "gone";
    this.posters = this.posters.filter((each) => each !== poster);
    this.tell();
  }

  tell() {
    for (const listener of this.listeners) listener();
  }
}

const SHELF = Symbol.for("breeder.posters");
const shelf = (globalThis[SHELF] ??= new Shelf());

class Download {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.rows = new Map(); // poster -> its element
    const part = (name) => root.querySelector(name);
    this.parts = {
      form: part(".choice"),
      size: part("#size"),
      print: part(".print"),
      link: part("a.go"),
      make: part("button.go"),
      hint: part(".hint"),
      list: part(".posters"),
      news: part(".news"),
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
    this.listener = () => this.showPosters();
    shelf.listeners.add(this.listener);
  }

  update({ data }) {
    this.turn += 1;
    if (!data) return this.turn;
    this.data = data;
    this.parts.size.max = data.most;
    makeReadable(this.root);
    this.show();
    this.showPosters();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    shelf.listeners.delete(this.listener);
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
    else if (link.hidden) shelf.order(this.wanted());
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

  showPosters() {
    const { list, news } = this.parts;
    for (const [poster, row] of this.rows) {
      if (shelf.posters.includes(poster)) continue;
      row.remove();
      this.rows.delete(poster);
    }
    for (const poster of shelf.posters) {
      if (!this.rows.has(poster)) {
        this.rows.set(poster, this.newRow(poster));
        list.append(this.rows.get(poster));
      }
      this.showPoster(poster, this.rows.get(poster));
    }
    list.hidden = !shelf.posters.length;
    const last = shelf.posters.findLast((poster) => !isUnderWay(poster));
    setText(news, last ? `${nameOf(last)}: ${farOf(last)}` : "");
  }

  newRow(poster) {
    const row = document.createElement("li");
    row.className = "poster";
    row.innerHTML =
      '<span class="name"></span><span class="acts"><a class="again" download>Save again</a>' +
      '<button type="button"></button></span>' +
      '<div class="track" role="progressbar" aria-valuemin="0" aria-valuemax="100">' +
      '<div class="bar"></div></div><span class="far"></span>';
    row.querySelector("button").addEventListener("click", () => shelf.drop(poster));
    return row;
  }

  showPoster(poster, row) {
    const part = (name) => row.querySelector(name);
    const share = poster.rows / poster.height;
    row.dataset.state = poster.state;
    setText(part(".name"), nameOf(poster));
    setText(part(".far"), farOf(poster));
    setText(part("button"), isUnderWay(poster) ? "Cancel" : "Clear");
    const again = part(".again");
    again.hidden = !poster.kept;
    if (poster.kept) again.href = fileOf(poster);
    const track = part(".track");
    track.hidden = !isUnderWay(poster);
    setAttribute(track, "aria-valuenow", Math.floor(share * 100));
    setAttribute(track, "aria-label", nameOf(poster));
    part(".bar").style.transform = `translateX(${100 * share - 100}%)`;
  }
}

function isUnderWay(poster) {
  return ["ordering", "waiting", "drawing"].includes(poster.state);
}

/** Tells the server that a picture is not wanted any more; works while the page goes. */
function forget(poster) {
  if (!poster.token) return;
  fetch(`/posters/${poster.token}`, { method: "DELETE", keepalive: true }).catch(() => {});
}

function save(poster) {
  const link = document.createElement("a");
  link.href = fileOf(poster);
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

function fileOf(poster) {
  return `/posters/${poster.token}/file`;
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

function nameOf(poster) {
  const title = poster.title || poster.genome.slice(0, 8);
  return `${title}, ${pixels(poster.size)} ${kindOf(poster)}`;
}

function farOf(poster) {
  switch (poster.state) {
    case "ordering":
      return "Asking for it …";
    case "waiting":
      return poster.ahead
        ? `Waits for ${poster.ahead} other ${plural(poster.ahead, "picture")} before it`
        : "Next in line";
    case "drawing": {
      const share = `${Math.floor((100 * poster.rows) / poster.height)} %`;
      return poster.seconds_left == null ? share : `${share}, ${duration(poster.seconds_left)} left`;
    }
    case "done":
      return `Done, ${megabytes(poster.bytes)}; your browser saves it`;
    default:
      return poster.message ?? "";
  }
}

function pixels(size) {
  return `${size.toLocaleString("en")} px`;
}

function printed(size) {
  const side = (size / DPI) * 2.54;
  const shown = side < 10 ? side.toFixed(1) : Math.round(side);
  return `${shown} × ${shown} cm at ${DPI} dpi`;
}

function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function megabytes(bytes) {
  const size = bytes / 1e6;
  return size < 10 ? `${size.toFixed(1)} MB` : `${Math.round(size).toLocaleString("en")} MB`;
}

/** Darkens the accent until white text on it can be read (WCAG 2: 4.5 to 1). */
function makeReadable(root) {
  const accent = getComputedStyle(root).getPropertyValue("--accent").trim();
  let colour = parseColour(accent);
  if (!colour) return;
  while (contrastWithWhite(colour) < 4.5) colour = colour.map((channel) => channel * 0.94);
  root.style.setProperty("--accent-fill", `rgb(${colour.map(Math.round).join(" ")})`);
}
