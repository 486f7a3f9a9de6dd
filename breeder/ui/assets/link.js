// The button that copies the link to a picture, a Streamlit component (v2).

export default function link(component) {
  return live(component, ".link", Link);
}

class Link {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.button = root.querySelector(".copy");
    this.words = root.querySelector(".words");
    this.news = root.querySelector(".news");
    this.ending = new AbortController();
    this.button.addEventListener("click", () => this.copy(), { signal: this.ending.signal });
  }

  update({ data }) {
    this.turn += 1;
    if (!data) return this.turn;
    this.address = new URL(`/shared?${data.share}`, location.href).href;
    this.button.title = data.share.startsWith("g=")
      ? "The link holds the whole picture: whoever opens it sees it and can breed from it."
      : "The picture is too large for a link: this one names it, and works with this server only.";
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  async copy() {
    const done = await copied(this.address, this.root);
    this.root.dataset.copied = String(done);
    briefly(this.words, done ? "Link copied" : "Not copied", "Copy link");
    briefly(this.news, done ? "Link copied" : "The browser does not let this page copy.", "");
  }
}
