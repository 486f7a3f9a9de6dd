// Orders a file that is made in the background, a Streamlit component (v2): one button, and the list
// of what this tab is having made. What and where comes from the page.

export default function making(component) {
  return live(component, ".making", Making);
}

class Making {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    const part = (name) => root.querySelector(name);
    this.parts = { go: part(".go"), hint: part(".hint") };
    this.shelf = new ShelfView(part(".jobs"), part(".news"));
    this.ending = new AbortController();
    const order = () => shelf.order(this.data.order, this.data.name);
    this.parts.go.addEventListener("click", order, { signal: this.ending.signal });
  }

  update({ data }) {
    this.turn += 1;
    if (!data) return this.turn;
    this.data = data;
    makeReadable(this.root);
    setText(this.parts.go, data.label);
    setText(this.parts.hint, data.hint);
    this.parts.go.disabled = !data.order;
    this.shelf.show();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    this.shelf.destroy();
    if (living.get(this.parent) === this) living.delete(this.parent);
  }
}
