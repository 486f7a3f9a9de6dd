// Edits of pictures on their way to the server; put after shared.js.
//
// An edit is shown at once. It goes to /gallery/change, is tried again until the server has answered,
// outlives a reload of the page, and is sent off when the page closes. One desk serves all components
// of a page: what one changes, the others hear of.

const DESK_KEPT = "breeder-edits"; // in the tab's own storage
const DESK_RETRY = 1_000; // ms, then twice as long each time
const DESK_RETRY_AT_MOST = 15_000;
const DESK_FIELDS = ["title", "description", "tags", "stars", "published", "kept"];
const DESK_HEARD = "breeder-gallery-changed"; // said in the window with what the server answered

class Desk {
  /** `onChange(answer)` is called when edits came, went or failed; `answer` is the server's. */
  constructor(onChange) {
    this.onChange = onChange;
    this.queue = []; // oldest first: {ids, fields...}
    this.busy = false;
    this.wait = DESK_RETRY;
    this.timer = 0;
    this.late = false; // the server does not answer
    this.ending = new AbortController();
    const { signal } = this.ending;
    addEventListener("pagehide", () => this.flush(), { signal });
    addEventListener("online", () => this.next(), { signal });
    addEventListener(DESK_HEARD, ({ detail }) => this.onChange(detail), { signal });
    this.recall();
  }

  /** Takes an edit: `ids` and the fields that change, or `add_tags`, `drop_tags`, `undo`. */
  put(edit) {
    const waiting = this.busy ? this.queue.slice(1) : this.queue;
    const same = (each) => JSON.stringify(each.ids) === JSON.stringify(edit.ids) && !each.undo;
    const before = waiting.at(-1);
    const plain = (each) => !each.add_tags && !each.drop_tags && !("kept" in each);
    if (before && same(before) && plain(before) && plain(edit)) Object.assign(before, edit);
    else this.queue.push({ ...edit });
    this.keep();
    this.onChange(null);
    this.next();
  }

  get saving() {
    return this.queue.length > 0;
  }

  /** A picture as it will be when the server has done what was asked. */
  applied(item) {
    let shown = item;
    for (const edit of this.queue) {
      if (!edit.ids?.includes(item.id)) continue;
      shown = { ...shown };
      for (const field of DESK_FIELDS) if (field in edit) shown[field] = edit[field];
      if (edit.add_tags) shown.tags = [...new Set([...shown.tags, ...edit.add_tags])];
      if (edit.drop_tags) shown.tags = shown.tags.filter((tag) => !edit.drop_tags.includes(tag));
    }
    return shown;
  }

  async next() {
    clearTimeout(this.timer);
    if (this.busy || !this.queue.length || this.ending.signal.aborted) return;
    this.busy = true;
    const answer = await post(this.queue[0]);
    this.busy = false;
    if (answer.again) {
      this.late = true;
      this.timer = setTimeout(() => this.next(), this.wait);
      this.wait = Math.min(this.wait * 2, DESK_RETRY_AT_MOST);
      this.onChange(null);
      return;
    }
    this.late = false;
    this.wait = DESK_RETRY;
    this.queue.shift();
    this.keep();
    dispatchEvent(new CustomEvent(DESK_HEARD, { detail: answer }));
    this.next();
  }

  /** Sends all that waits, from a page or dialog that closes. */
  flush() {
    for (const edit of this.busy ? this.queue.slice(1) : this.queue) post(edit);
  }

  keep() {
    try {
      if (this.queue.length) sessionStorage.setItem(DESK_KEPT, JSON.stringify(this.queue));
      else sessionStorage.removeItem(DESK_KEPT);
    } catch {
      // storage that is full or forbidden: the edit still goes out now
    }
  }

  recall() {
    try {
      this.queue = JSON.parse(sessionStorage.getItem(DESK_KEPT)) ?? [];
    } catch {
      this.queue = [];
    }
    if (this.queue.length) this.next();
  }

  close() {
    clearTimeout(this.timer);
    if (this.queue.length) this.flush();
    this.ending.abort();
  }
}

/** Sends an edit; answers what the server said, or {again: true} where it should be tried again. */
async function post(edit) {
  try {
    const answer = await fetch("/gallery/change", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(edit),
      keepalive: true, // outlives the page
    });
    if (answer.ok) return await answer.json();
    if (answer.status < 500) return { items: [], error: await answer.text() };
  } catch {
    // no connection
  }
  return { again: true };
}
