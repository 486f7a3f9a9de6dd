// What is done with several pictures of the gallery at once: the bar at the bottom, the tagging, and the
// zip, which the server makes in the background; put after shared.js.

const MOST_SELECTED = 1_000; // gallery_routes.py holds the same number
const EXPORT_WATCH = 400; // ms between two looks at how far a zip is

class Bulk {
  constructor(root, gallery) {
    this.root = root;
    this.gallery = gallery;
    this.selected = new Set(); // ids in the order of their selection
    this.anchor = ""; // where a selection with Shift begins
    this.most = 1; // pictures that a run can start from
    this.job = ""; // token of the zip that is being made
    this.message = "";
    const part = (name) => root.querySelector(`.${name}`);
    this.parts = { tagging: part("tagging"), export: part("export") };
    for (const name of ["bar", "count", "all", "new-tags", "known", "formats", "progress"]) {
      this.parts[name] = part(name);
    }
    for (const act of ["breed", "publish", "cancel"]) {
      this.parts[act] = root.querySelector(`[data-act="${act}"]`);
    }
  }

  listen(signal) {
    const { tagging, export: exporting } = this.parts;
    tagging.addEventListener("submit", (event) => this.onTagging(event), { signal });
    exporting.addEventListener("submit", (event) => this.onExport(event), { signal });
    this.parts.known.addEventListener("click", (event) => this.onKnownTag(event), { signal });
  }

  /** Takes over what the page says: how many can be bred together, and the formats of a zip. */
  offer({ most, formats }) {
    this.most = most;
    if (this.parts.formats.querySelector("input")) return;
    for (const { name, title, usual } of formats) {
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "format" });
      box.value = name;
      box.checked = usual;
      label.append(box, title);
      this.parts.formats.append(label);
    }
  }

  // Selecting --------------------------------------------------------------------------------

  toggle(id, range) {
    const { pictures } = this.gallery;
    const place = (wanted) => pictures.findIndex((item) => item.id === wanted);
    const from = range ? place(this.anchor) : -1;
    if (from >= 0) {
      const [low, high] = [from, place(id)].sort((a, b) => a - b);
      for (const item of pictures.slice(low, high + 1)) this.add(item.id);
    } else if (!this.selected.delete(id)) this.add(id);
    this.anchor = id;
    this.gallery.paint();
  }

  add(id) {
    if (this.selected.size < MOST_SELECTED) this.selected.add(id);
  }

  /** Selects all that the search finds; the pictures that are not here yet are fetched. */
  selectAll() {
    const { source } = this.gallery;
    this.wanting = true;
    source.ensure(Math.min(MOST_SELECTED, source.total));
    this.takeAll();
    this.gallery.paint();
  }

  takeAll() {
    if (!this.wanting) return;
    const { pictures, source } = this.gallery;
    for (const item of pictures) this.add(item.id);
    const all = Math.min(MOST_SELECTED, source.total);
    if (pictures.length >= all || source.after === null) this.wanting = false;
  }

  clear() {
    const inBar = this.parts.bar.contains(this.root.getRootNode().activeElement);
    this.wanting = false;
    this.selected.clear();
    this.message = "";
    this.gallery.paint();
    if (inBar) this.gallery.tiles.tileOf(this.gallery.stop)?.open.focus({ preventScroll: true });
  }

  // Drawing ----------------------------------------------------------------------------------

  paint() {
    this.takeAll();
    const { parts, selected } = this;
    const count = selected.size;
    const { total } = this.gallery.source;
    parts.bar.hidden = !count;
    this.root.dataset.selecting = String(count > 0);
    setText(parts.count, count ? `${count.toLocaleString("en")} selected` : "");
    setText(parts.breed, count === 1 ? "Breed from it" : "Breed together");
    parts.breed.disabled = count > this.most;
    parts.breed.title = count > this.most ? `At most ${this.most} pictures start a run.` : "";
    const all = Math.min(total, MOST_SELECTED);
    parts.all.hidden = count >= all || total < 2;
    setText(parts.all, total > MOST_SELECTED ? `Select the first ${all.toLocaleString("en")}` : "Select all");
    setText(parts.publish, this.allPublished ? "Unpublish" : "Publish");
    setText(parts.progress, this.message);
    parts.cancel.hidden = !this.job;
  }

  get allPublished() {
    const { pictures, desk } = this.gallery;
    const chosen = pictures.filter((item) => this.selected.has(item.id));
    return chosen.length > 0 && chosen.every((item) => desk.applied(item).published);
  }

  showTags(tags) {
    const items = tags.slice(0, 24).map(({ tag }) => {
      const item = document.createElement("button");
      item.type = "button";
      item.textContent = tag;
      return item;
    });
    this.parts.known.replaceChildren(...items);
  }

  // What the person does ---------------------------------------------------------------------

  act(act) {
    const ids = [...this.selected];
    const { gallery } = this;
    const acts = {
      breed: () => gallery.send({ kind: "breed", ids }),
      publish: () => gallery.desk.put({ ids, published: !this.allPublished }),
      remove: () => gallery.remove(ids),
      all: () => this.selectAll(),
      clear: () => this.clear(),
      cancel: () => this.cancel(),
    };
    acts[act]?.();
  }

  onKnownTag(event) {
    const tag = event.target.closest("button")?.textContent;
    if (!tag) return;
    const field = this.parts["new-tags"];
    const names = tagsIn(field.value);
    field.value = (names.includes(tag) ? names : [...names, tag]).join(", ");
    field.focus();
  }

  onTagging(event) {
    event.preventDefault();
    const tags = tagsIn(this.parts["new-tags"].value);
    const change = event.submitter?.value === "drop" ? "drop_tags" : "add_tags";
    if (tags.length) this.gallery.desk.put({ ids: [...this.selected], [change]: tags });
    this.parts["new-tags"].value = "";
    this.parts.tagging.hidePopover();
  }

  // The zip ----------------------------------------------------------------------------------

  async onExport(event) {
    event.preventDefault();
    if (this.job) return;
    const boxes = this.parts.formats.querySelectorAll("input:checked");
    const formats = [...boxes].map((box) => box.value);
    if (!formats.length) return this.say("Choose a format.");
    this.say("Waiting …");
    const answer = await ask("/gallery/export", "POST", { ids: [...this.selected], formats });
    if (answer.error) return this.say(answer.error);
    this.job = answer.token;
    this.gallery.paint();
    this.watch();
  }

  async watch() {
    while (this.job) {
      const { job } = this;
      const answer = await ask(`/jobs/${job}`, "GET");
      if (job !== this.job) return;
      if (answer.error || answer.state === "failed") return this.end(answer.error || answer.message);
      if (answer.state === "done") return this.take(job);
      this.say(answer.state === "waiting" ? "Waiting …" : `${answer.done} of ${answer.total} …`);
      await new Promise((resolve) => setTimeout(resolve, EXPORT_WATCH));
    }
  }

  take(job) {
    const link = Object.assign(document.createElement("a"), { href: `/jobs/${job}/file` });
    link.download = "";
    this.root.append(link);
    link.click();
    link.remove();
    this.end("Done: the zip is on its way.");
  }

  cancel() {
    ask(`/jobs/${this.job}`, "DELETE");
    this.end("Cancelled.");
  }

  end(message) {
    this.job = "";
    this.say(message);
  }

  say(message) {
    this.message = message;
    this.gallery.paint();
  }

  close() {
    if (this.job) ask(`/jobs/${this.job}`, "DELETE");
    this.job = "";
  }
}

/** Tags in a text with commas between, without repeats. */
function tagsIn(text) {
  const tags = text.split(",").map((tag) => tag.trim().replace(/\s+/g, " "));
  return [...new Set(tags.filter(Boolean))];
}

/** What an address answers, as values; {error} with one sentence where it refuses. */
async function ask(address, method, body) {
  try {
    const answer = await fetch(address, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
    if (!answer.ok) return { error: await answer.text() };
    return answer.status === 204 ? {} : await answer.json();
  } catch {
    return { error: "The server does not answer; try again." };
  }
}
