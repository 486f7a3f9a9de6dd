// A picture moved towards a person's taste: before and after, side by side. A Streamlit component (v2);
// components.py puts shared.js, outbox.js and shelf.js before it.
//
// The work is done in a thread of the server, which is asked how far it is; the page's script hears
// only of a result that is to be kept. Texts are only ever set as text.

const REFINE_ASK_EVERY = 250; // ms
const REFINE_TRIES = 40; // answers that may fail one after another, ten seconds in all
const REACHES = [
  [10, "hardly visible"],
  [35, "a little"],
  [65, "clearly"],
  [90, "far"],
  [100, "nearly another one"],
];

let refineReach = 50; // of the tab, so that it is still there for the next picture

export default function refine(component) {
  return live(component, ".refine", Refine);
}

class Refine {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.data = null;
    this.token = "";
    this.parts = {};
    for (const name of ["not-yet", "work", "after", "line", "why", "empty"]) {
      this.parts[name] = root.querySelector(`.${name}`);
    }
    this.parts.before = root.querySelector(".before img");
    this.parts.result = root.querySelector(".after img");
    this.parts.bar = root.querySelector("progress");
    this.parts.range = root.querySelector("input");
    this.parts.words = root.querySelector("output");
    this.acts = new Map([...root.querySelectorAll("[data-act]")].map((each) => [each.dataset.act, each]));
    this.outbox = new Outbox(() => {});
    this.listen();
  }

  // Life -------------------------------------------------------------------------------------

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    const { range } = this.parts;
    range.value = refineReach;
    range.addEventListener("input", () => this.move(), { signal });
    this.root.addEventListener("click", (event) => this.onClick(event), { signal });
    for (const type of ["keydown", "keypress", "keyup"]) {
      range.addEventListener(type, (event) => event.key !== "Escape" && event.stopPropagation(), { signal });
    }
    window.addEventListener("pagehide", () => this.forget(), { signal });
  }

  update({ data, setStateValue }) {
    this.turn += 1;
    this.outbox.say = setStateValue;
    if (!data) return this.turn;
    const other = data.genome !== this.data?.genome;
    this.data = data;
    this.outbox.hear(data);
    this.parts["not-yet"].hidden = data.trusted;
    this.parts.work.hidden = !data.trusted;
    setText(this.parts["not-yet"], data.not_yet);
    setText(this.acts.get("keep"), data.keep);
    makeReadable(this.root);
    this.move();
    if (other) {
      this.forget();
      this.parts.before.src = sized(data.picture, 512);
      this.show("ready");
    } else if (this.state === "keeping" && !this.outbox.unanswered.length) {
      this.show("done"); // it could not be kept; the page says why
    }
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    if (this.state !== "keeping") this.forget();
    this.token = "";
    this.ending.abort();
    this.outbox.close();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // What the person does ---------------------------------------------------------------------

  move() {
    refineReach = Number(this.parts.range.value);
    const [, words] = REACHES.find(([most]) => refineReach <= most);
    setText(this.parts.words, words);
    setAttribute(this.parts.range, "aria-valuetext", words);
  }

  onClick(event) {
    const act = event.target.closest("[data-act]")?.dataset.act;
    const acts = {
      refine: () => this.start(),
      stop: () => this.drop(),
      keep: () => this.keep(),
      drop: () => this.drop(),
    };
    acts[act]?.();
  }

  async start() {
    const { genome, run } = this.data;
    this.forget();
    this.parts.result.hidden = true;
    this.show("working", "Reading your taste …");
    const asked = new URLSearchParams({ genome, run, reach: refineReach / 100 });
    const begun = (this.begun = {});
    try {
      const answer = await fetch(`/refinements?${asked}`, { method: "POST" });
      if (!answer.ok) throw new Error(await answer.text());
      const { token } = await answer.json();
      if (this.begun !== begun) return leave(token); // stopped meanwhile
      this.token = token;
    } catch (error) {
      const silent = error instanceof TypeError;
      if (this.begun === begun) this.show("failed", silent ? "The server does not answer." : error.message);
      return;
    }
    await this.follow(this.token);
  }

  keep() {
    this.outbox.put({ kind: "keep", token: this.token });
    this.show("keeping", "Keeping it …");
  }

  drop() {
    this.forget();
    this.show("ready");
  }

  forget() {
    this.begun = null;
    if (this.token) leave(this.token);
    this.token = "";
  }

  // The server's work ------------------------------------------------------------------------

  async follow(token) {
    for (let failures = 0; this.token === token; ) {
      let news = null;
      try {
        const answer = await fetch(`/refinements/${token}`, { cache: "no-store" });
        if (answer.status === 404) news = { state: "failed", message: await answer.text() };
        else if (answer.ok) news = await answer.json();
      } catch {
        // the server may be restarting
      }
      if (this.token !== token) return;
      failures = news ? 0 : failures + 1;
      if (failures > REFINE_TRIES) news = { state: "failed", message: "The server does not answer." };
      if (news && this.hear(news)) return;
      await new Promise((resolve) => setTimeout(resolve, REFINE_ASK_EVERY));
    }
  }

  /** Shows what the server says; returns whether that was the last word. */
  hear(news) {
    if (news.state === "failed") {
      this.token = "";
      this.show("failed", news.message);
    } else if (news.state === "done") {
      if (news.improved) this.showResult(news);
      else this.show("failed", "Nothing within this distance is more to your taste. Let it go further, or leave it as it is.");
    } else {
      this.parts.bar.value = news.done / Math.max(1, news.total);
      const waiting = news.ahead ? `Waiting behind ${news.ahead} ${plural(news.ahead, "other")} …` : "Waiting …";
      const at = news.done ? "Refining …" : "Reading your taste …";
      setText(this.parts.line, news.state === "waiting" ? waiting : at);
    }
    return news.state === "failed" || news.state === "done";
  }

  showResult(news) {
    const { result, why } = this.parts;
    result.src = news.picture;
    result.hidden = false;
    this.show("done", "Probably more to your taste.");
    const told = news.reasons.length ? [`Now it has more of this: ${news.reasons.join(", ")}.`] : [];
    setText(why, [...told, `${news.changed}.`].join(" "));
  }

  show(state, line = "") {
    this.state = state;
    const { parts, acts, root } = this;
    const focused = [...acts.values()].find((button) => button.matches(":focus"));
    setAttribute(root, "data-state", state);
    setText(parts.line, line);
    setText(parts.why, "");
    const working = state === "working";
    const held = state === "done" || state === "keeping";
    if (!held) parts.result.hidden = true;
    parts.bar.hidden = !working;
    parts.bar.value = 0;
    parts.empty.hidden = held || working;
    setAttribute(parts.after, "data-empty", !held);
    acts.get("refine").hidden = working;
    setText(acts.get("refine"), held ? "Refine again" : "Refine");
    acts.get("refine").className = held ? "plain" : "main";
    acts.get("stop").hidden = !working;
    for (const name of ["keep", "drop"]) acts.get(name).hidden = !held;
    for (const button of acts.values()) button.disabled = state === "keeping";
    parts.range.disabled = working || state === "keeping";
    // who pressed a button that goes stays where they were, also within the dialog
    if (focused?.hidden) acts.get(working ? "stop" : "refine").focus();
  }
}

/** Has the server end and forget one, also while the page goes. */
function leave(token) {
  fetch(`/refinements/${token}`, { method: "DELETE", keepalive: true }).catch(() => {});
}
