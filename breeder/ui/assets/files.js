// Every file of a picture to take away, and its colours: a Streamlit component (v2).
//
// A file is fetched before it is saved, so that a format that cannot hold the picture answers with
// its sentence here and not with a broken download. Titles and messages are only ever set as text.

const FEWEST = 3; // colours
const MOST = 12;
const USUAL = 6;

export default function files(component) {
  return live(component, ".files", Files);
}

class Files {
  constructor(parent, root) {
    this.parent = parent;
    this.root = root;
    this.turn = 0;
    this.genome = null;
    this.colours = USUAL;
    this.links = new Map(); // the link of a file -> the file
    const part = (name) => root.querySelector(`.${name}`);
    this.parts = {};
    for (const name of ["swatches", "fewer", "many", "more", "groups", "news"]) {
      this.parts[name] = part(name);
    }
    this.ending = new AbortController();
    const on = (target, type, act) =>
      target.addEventListener(type, act, { signal: this.ending.signal });
    on(this.parts.fewer, "click", () => this.choose(this.colours - 1));
    on(this.parts.more, "click", () => this.choose(this.colours + 1));
  }

  update({ data }) {
    this.turn += 1;
    if (!data) return this.turn;
    this.data = data;
    if (data.genome !== this.genome) {
      this.genome = data.genome;
      this.showGroups();
      this.choose(this.colours);
    }
    this.showAddresses();
    return this.turn;
  }

  release(turn) {
    if (turn === this.turn) this.destroy();
  }

  destroy() {
    this.ending.abort();
    this.genome = null; // what still arrives is not shown
    if (living.get(this.parent) === this) living.delete(this.parent);
  }

  // Colours

  choose(count) {
    this.colours = Math.min(MOST, Math.max(FEWEST, count));
    const { fewer, more, many } = this.parts;
    fewer.disabled = this.colours === FEWEST;
    more.disabled = this.colours === MOST;
    setText(many, `${this.colours} colours`);
    this.showAddresses();
    this.showSwatches();
  }

  async showSwatches() {
    const { genome, colours } = this;
    let found;
    try {
      const answer = await fetch(`/palette/${genome}.json?colors=${colours}`);
      if (!answer.ok) throw new Error(await answer.text());
      found = await answer.json();
    } catch {
      found = [];
    }
    if (genome !== this.genome || colours !== this.colours) return;
    this.parts.swatches.replaceChildren(...found.map((each) => this.swatch(each)));
    this.root.dataset.colours = String(found.length);
  }

  swatch({ hex, share }) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const [field, name] = [document.createElement("i"), document.createElement("span")];
    button.type = "button";
    button.title = `Copy ${hex} (${share < 0.01 ? "under 1" : Math.round(100 * share)} % of the picture)`;
    button.setAttribute("aria-label", `Copy ${hex}`);
    field.style.background = hex;
    name.textContent = hex;
    button.append(field, name);
    button.addEventListener("click", async () => {
      const done = await copied(hex, this.root);
      this.say(done ? `${hex} copied` : "The browser does not let this page copy.");
      briefly(name, done ? "Copied" : hex, hex);
    });
    item.append(button);
    return item;
  }

  // Files

  showGroups() {
    this.links.clear();
    this.parts.groups.replaceChildren(
      ...this.data.groups.map(({ name, files }) => {
        const group = document.createElement("div");
        group.className = "group";
        const heading = document.createElement("h3");
        const list = document.createElement("ul");
        heading.textContent = name;
        list.append(...files.map((each) => this.row(each)));
        group.append(heading, list);
        return group;
      }),
    );
  }

  row(file) {
    const item = document.createElement("li");
    item.innerHTML =
      '<a class="file" download><span class="what"></span><span class="suffix"></span>' +
      '<span class="lost"></span></a><p class="why" role="alert" hidden></p>';
    const link = item.querySelector("a");
    link.dataset.format = file.name;
    item.querySelector(".what").textContent = file.title;
    item.querySelector(".suffix").textContent = file.suffix;
    item.querySelector(".lost").textContent = file.loses && `Leaves out: ${file.loses}`;
    link.title = file.loses ? "" : "Nothing of the genome is left out";
    this.links.set(link, file);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (item.dataset.state !== "busy") this.take(item, link.href);
    });
    return item;
  }

  /** Names the files by the title and colours as they are now. */
  showAddresses() {
    for (const [link, file] of this.links) setAttribute(link, "href", this.address(file));
  }

  address(file) {
    const { genome, title } = this.data;
    const query = new URLSearchParams();
    if (title) query.set("title", title);
    const [least, most] = file.colors ?? [1, 0];
    if (least <= this.colours && this.colours <= most) query.set("colors", this.colours);
    return `/files/${genome}/${file.name}?${query}`;
  }

  async take(item, address) {
    const why = item.querySelector(".why");
    why.hidden = true;
    item.dataset.state = "busy";
    try {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(await answer.text());
      hand(await answer.blob(), nameIn(answer.headers.get("content-disposition")));
      item.dataset.state = "done";
      setTimeout(() => {
        if (item.dataset.state === "done") item.dataset.state = "";
      }, SAID_FOR);
    } catch (error) {
      item.dataset.state = "failed";
      why.textContent = error instanceof TypeError ? "The server does not answer." : error.message;
      why.hidden = false;
    }
  }

  say(words) {
    setText(this.parts.news, words);
    setTimeout(() => setText(this.parts.news, ""), SAID_FOR);
  }
}

/** Lets the browser save what is at hand. */
function hand(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The name of a file as its answer gives it. */
function nameIn(disposition) {
  const exact = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? "");
  return exact ? decodeURIComponent(exact[1]) : "picture";
}
