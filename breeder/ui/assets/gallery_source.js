// The pictures that a search finds, page after page; put after shared.js.
//
// The server gives a page and the cursor of the next. Only the newest search counts: an answer to an
// older one is dropped, and what is shown stays until the new one has its first page.

const SOURCE_PAGE = 120;
const SOURCE_LARGE_PAGE = 500; // where somebody jumps far down
const SOURCE_RETRY = 2_000; // ms

class Source {
  /** `onChange(fresh)` is called with what came; `fresh` with the first page of a search. */
  constructor(onChange) {
    this.onChange = onChange;
    this.items = []; // in order, without gaps
    this.total = 0;
    this.after = null; // cursor of the next page; null at the end
    this.query = null; // what the items were found by
    this.error = "";
    this.refused = false; // whether the server can make nothing of the search
    this.waiting = true; // whether a first page is on its way
    this.fetching = null; // AbortController of the page on its way
    this.goal = 0; // how many items are wanted
    this.timer = 0;
  }

  /** Begins a search; the items of the one before stay until the first page is there. */
  search(query, { atLeast = SOURCE_PAGE } = {}) {
    this.fetching?.abort();
    clearTimeout(this.timer);
    this.wanted = query;
    this.waiting = true;
    this.goal = 0;
    this.fetch(null, Math.min(Math.max(atLeast, SOURCE_PAGE), SOURCE_LARGE_PAGE));
  }

  /** Sees to it that so many items are there, as far as there are. */
  ensure(count) {
    this.goal = Math.max(this.goal, count);
    if (this.waiting || this.fetching || this.after === null) return;
    const missing = this.goal - this.items.length;
    if (missing <= 0) return;
    this.fetch(this.after, missing > 2 * SOURCE_PAGE ? SOURCE_LARGE_PAGE : SOURCE_PAGE);
  }

  async fetch(after, limit) {
    const query = this.wanted;
    const fetching = (this.fetching = new AbortController());
    const asked = new URLSearchParams(query);
    asked.set("limit", limit);
    if (after) asked.set("after", after);
    let page, message;
    let refused = false; // what makes no sense to the server now will make none later
    try {
      const answer = await fetch(`/gallery/pictures?${asked}`, { signal: fetching.signal });
      refused = answer.status >= 400 && answer.status < 500;
      if (answer.ok) page = await answer.json();
      else message = await answer.text();
    } catch {
      if (fetching.signal.aborted) return; // a newer search has begun
      message = "The gallery does not answer; trying again …";
    }
    if (fetching !== this.fetching) return;
    this.fetching = null;
    this.refused = false;
    if (!page) return this.fail(message, refused ? null : () => this.fetch(after, limit));
    this.error = "";
    this.take(page, after, query);
  }

  take(page, after, query) {
    const fresh = !after;
    if (fresh) {
      this.items = page.items;
      this.total = page.total;
      this.query = query;
      this.waiting = false;
    } else {
      const there = new Set(this.items.map((item) => item.id));
      this.items.push(...page.items.filter((item) => !there.has(item.id)));
    }
    this.after = page.next;
    if (this.after === null) this.total = this.items.length;
    this.onChange(fresh);
    this.ensure(this.goal);
  }

  /** Says what is wrong, and tries again after a while unless that is in vain. */
  fail(message, again) {
    this.error = message;
    this.waiting = false;
    this.refused = !again;
    if (again) this.timer = setTimeout(again, SOURCE_RETRY);
    this.onChange(false);
  }

  /** Puts what the server said of some pictures in the place of what was known. */
  renew(items) {
    const news = new Map(items.map((item) => [item.id, item]));
    this.items = this.items.map((item) => (news.has(item.id) ? news.get(item.id) : item));
  }

  drop(ids) {
    const before = this.items.length;
    this.items = this.items.filter((item) => !ids.has(item.id));
    this.total -= before - this.items.length;
  }

  close() {
    this.fetching?.abort();
    clearTimeout(this.timer);
    this.onChange = () => {};
  }
}
