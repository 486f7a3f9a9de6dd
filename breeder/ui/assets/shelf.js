// What this tab has the server make in the background: ordered by an address, asked about until it is
// done, saved by the browser then. Put before the script of every component that orders files.
//
// The shelf belongs to the tab, not to a component, so that a dialog may be closed or another page
// shown: the file still comes. Names and messages are only ever set as text.

const ASK_EVERY = 400; // ms
const KEPT = 55_000; // ms for which a file can be saved again; the server keeps it a minute
const TRIES = 40; // answers that may fail one after another, half a minute in all

/** The files of this tab that are being made or were just made. */
class Shelf {
  constructor() {
    this.jobs = [];
    this.listeners = new Set();
    this.claims = new Set(); // of views that show some jobs, which the others leave to them
    // a page that goes takes along what nobody will fetch; what is done may still be on its way
    addEventListener("pagehide", () => {
      for (const job of this.jobs) if (isUnderWay(job)) forget(job);
    });
  }

  /**
   * Orders a file, unless the same one is being made.
   *
   * The address takes a POST and answers with a token; the name says what it is, as a person reads it.
   */
  async order(address, name) {
    if (this.jobs.some((job) => isUnderWay(job) && job.address === address)) return;
    const job = { address, name, state: "ordering", done: 0, total: 1, failures: 0 };
    this.jobs.push(job);
    this.tell();
    try {
      const answer = await fetch(address, { method: "POST" });
      if (!answer.ok) throw new Error(await answer.text());
      job.token = (await answer.json()).token;
    } catch (error) {
      this.fail(job, error instanceof TypeError ? "The server does not answer." : error.message);
      return;
    }
    if (job.state === "ordering") job.state = "waiting";
    else forget(job); // cancelled while the order was on its way
    this.ask(job);
  }

  /** Asks how far a file is, again and again until it is made. */
  async ask(job) {
    while (isUnderWay(job)) {
      await this.askOnce(job);
      this.tell();
      if (job.state === "done") this.hand(job);
      else await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
    }
  }

  /** Lets the browser save a finished file, and offers that again for a while. */
  hand(job) {
    save(job);
    job.kept = true;
    this.tell();
    setTimeout(() => {
      job.kept = false;
      this.tell();
    }, KEPT);
  }

  async askOnce(job) {
    try {
      const answer = await fetch(`/jobs/${job.token}`, { cache: "no-store" });
      if (!isUnderWay(job)) return; // cancelled meanwhile
      if (answer.status === 404) return this.fail(job, await answer.text());
      if (!answer.ok) throw new Error(answer.statusText);
      Object.assign(job, await answer.json(), { failures: 0 });
    } catch {
      job.failures += 1;
      if (job.failures > TRIES) this.fail(job, "The server does not answer.");
    }
  }

  fail(job, message) {
    if (!isUnderWay(job)) return;
    job.state = "failed";
    job.message = message || "The file could not be made.";
    this.tell();
  }

  /** Cancels a file, or clears it away. */
  drop(job) {
    if (isUnderWay(job)) forget(job);
    job.state = "gone";
    this.jobs = this.jobs.filter((each) => each !== job);
    this.tell();
  }

  tell() {
    for (const listener of this.listeners) listener();
  }
}

const SHELF = Symbol.for("breeder.shelf");
const shelf = (globalThis[SHELF] ??= new Shelf());

/**
 * Shows the shelf in a list, with news for those who listen: `ul.jobs` and `p.news`.
 *
 * A view that claims some jobs, by a function that says which, shows those; no other view does then.
 */
class ShelfView {
  constructor(list, news, claim = null) {
    this.list = list;
    this.news = news;
    this.claim = claim;
    this.rows = new Map(); // job -> its element
    this.listener = () => this.show();
    shelf.listeners.add(this.listener);
    if (!claim) return;
    shelf.claims.add(claim);
    shelf.tell();
  }

  destroy() {
    shelf.listeners.delete(this.listener);
    if (this.claim && shelf.claims.delete(this.claim)) shelf.tell();
  }

  get jobs() {
    if (this.claim) return shelf.jobs.filter(this.claim);
    const claims = [...shelf.claims];
    return shelf.jobs.filter((job) => !claims.some((claim) => claim(job)));
  }

  show() {
    const { jobs } = this;
    for (const [job, row] of this.rows) {
      if (jobs.includes(job)) continue;
      row.remove();
      this.rows.delete(job);
    }
    for (const job of jobs) {
      if (!this.rows.has(job)) {
        this.rows.set(job, this.newRow(job));
        this.list.append(this.rows.get(job));
      }
      this.showJob(job, this.rows.get(job));
    }
    this.list.hidden = !jobs.length;
    const last = jobs.findLast((job) => !isUnderWay(job));
    setText(this.news, last ? `${last.name}: ${farOf(last)}` : "");
  }

  newRow(job) {
    const row = document.createElement("li");
    row.className = "job";
    row.innerHTML =
      '<span class="name"></span><span class="acts"><a class="again" download>Save again</a>' +
      '<button type="button"></button></span>' +
      '<div class="track" role="progressbar" aria-valuemin="0" aria-valuemax="100">' +
      '<div class="bar"></div></div><span class="far"></span>';
    row.querySelector("button").addEventListener("click", () => shelf.drop(job));
    return row;
  }

  showJob(job, row) {
    const part = (name) => row.querySelector(name);
    const share = Math.min(1, job.done / job.total);
    row.dataset.state = job.state;
    setText(part(".name"), job.name);
    setText(part(".far"), farOf(job));
    setText(part("button"), isUnderWay(job) ? "Cancel" : "Clear");
    const again = part(".again");
    again.hidden = !job.kept;
    if (job.kept) again.href = fileOf(job);
    const track = part(".track");
    track.hidden = !isUnderWay(job);
    setAttribute(track, "aria-valuenow", Math.floor(share * 100));
    setAttribute(track, "aria-label", job.name);
    part(".bar").style.transform = `translateX(${100 * share - 100}%)`;
  }
}

function isUnderWay(job) {
  return ["ordering", "waiting", "drawing"].includes(job.state);
}

/** Tells the server that a file is not wanted any more; works while the page goes. */
function forget(job) {
  if (!job.token) return;
  fetch(`/jobs/${job.token}`, { method: "DELETE", keepalive: true }).catch(() => {});
}

function save(job) {
  const link = document.createElement("a");
  link.href = fileOf(job);
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

function fileOf(job) {
  return `/jobs/${job.token}/file`;
}

function farOf(job) {
  switch (job.state) {
    case "ordering":
      return "Asking for it …";
    case "waiting":
      return job.ahead
        ? `Waits for ${job.ahead} other ${plural(job.ahead, "file")} before it`
        : "Next in line";
    case "drawing": {
      const share = `${Math.min(100, Math.floor((100 * job.done) / job.total))} %`;
      return job.seconds_left == null ? share : `${share}, ${duration(job.seconds_left)} left`;
    }
    case "done":
      return `Done, ${megabytes(job.bytes)}; your browser saves it`;
    default:
      return job.message ?? "";
  }
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
