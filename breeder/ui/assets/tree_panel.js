// The side of the family tree: the chosen picture, what changed, its kin, and another beside it.

const MOST_FACES = 12;

class TreePanel {
  constructor(root) {
    this.panel = root.querySelector(".panel");
    this.template = root.querySelector(".picture-template");
    this.node = -1;
    this.turn = 0;
  }

  close() {
    this.turn += 1;
    this.node = -1;
    this.panel.hidden = true;
    this.panel.replaceChildren();
  }

  /** Shows a node: at once what the tree knows, then what the server says. */
  async show(model, node) {
    const turn = (this.turn += 1);
    this.node = node;
    const id = model.ids[node];
    const body = this.template.content.firstElementChild.cloneNode(true);
    const part = (name) => body.querySelector(name);
    const [, number, run] = model.grids[model.grid[node]];
    this.body = body;
    setText(part("h3"), `Generation ${number}`);
    setText(
      part(".where"),
      `Picture ${model.slot[node] + 1}${model.runs.length > 1 ? ` of ${model.runs[run][1]}` : ""}`,
    );
    part(".automatic").hidden = !model.isAutomatic(node);
    const image = part(".frame img");
    image.src = sized(`/picture/${id}.jpg`, 256);
    image.alt = `Generation ${number}, picture ${model.slot[node] + 1}`;
    sharpen(image, sized(`/picture/${id}.jpg`, 768));
    this.showFaces(
      part(".offspring"),
      model.children[node].map((each) => model.ids[each]),
      "Child",
      "Children",
    );
    this.showFaces(
      part(".parents"),
      model.parents[node].map((each) => model.ids[each]),
      "Parent",
      "Parents",
    );
    part('[data-act="breed"]').hidden = model.runs[run][2];
    part('[data-act="grid"]').hidden = model.runs[run][2];
    part('[data-act="family"]').hidden = model.focus >= 0 && model.focus === node;
    this.mark(model.is(node, "favourite"));
    setAttribute(part('[data-act="only"]'), "aria-pressed", model.only !== null);
    this.panel.replaceChildren(body);
    this.panel.hidden = false;
    this.panel.scrollTop = 0;
    this.panel.dataset.picture = id;
    const told = await ask(`/trees/about/${id}.json`);
    if (turn === this.turn && told) this.tell(told);
  }

  tell(told) {
    const part = (name) => this.body.querySelector(name);
    if (told.title) setText(part("h3"), told.title);
    if (told.title)
      setText(part(".where"), `Generation ${told.number} · ${part(".where").textContent}`);
    const list = part(".changed ul");
    const words = told.mutations.length
      ? told.mutations
      : [STARTS[told.origin] ?? "Nothing: it was kept as it is."];
    list.replaceChildren(
      ...words.map((each) => Object.assign(document.createElement("li"), { textContent: each })),
    );
    setText(part(".changed h4"), told.mutations.length ? "What changed" : "How it came here");
    this.showFaces(part(".parents"), told.parents, "Parent", "Parents");
    this.mark(told.favourite);
    setText(part(".facts"), [told.facts, told.provenance].filter(Boolean).join(" · "));
    this.panel.dataset.told = told.id;
  }

  mark(kept) {
    const star = this.body.querySelector('[data-act="favourite"]');
    setText(star, kept ? "★ Kept" : "☆ Keep");
    setAttribute(star, "aria-pressed", kept);
  }

  showFaces(section, ids, one, more) {
    section.hidden = !ids.length;
    setText(section.querySelector("h4"), ids.length === 1 ? one : `${more} (${ids.length})`);
    section.querySelector(".faces").replaceChildren(
      ...ids.slice(0, MOST_FACES).map((id) => {
        const face = document.createElement("button");
        face.type = "button";
        face.className = "face";
        face.dataset.face = id;
        face.setAttribute("aria-label", `${one} ${id.slice(0, 8)}`);
        const image = new Image();
        image.loading = "lazy";
        image.alt = "";
        image.src = sized(`/picture/${id}.jpg`, 128);
        face.append(image);
        return face;
      }),
    );
  }

  /** Says that the next picture pressed is the one to compare with. */
  invite(on) {
    const button = this.body?.querySelector('[data-act="compare"]');
    if (!button) return;
    setAttribute(button, "aria-pressed", on);
    setText(button, on ? "Press another picture …" : "Compare with …");
  }

  /** Shows two pictures side by side, where they differ, and what their networks differ in. */
  async compare(model, other) {
    const turn = this.turn;
    const [one, two] = [model.ids[this.node], model.ids[other]];
    const pair = this.body.querySelector(".pair");
    const side = (src, words) => {
      const figure = document.createElement("figure");
      const image = Object.assign(new Image(), { src, alt: words });
      const caption = Object.assign(document.createElement("figcaption"), { textContent: words });
      figure.append(image, caption);
      return figure;
    };
    const name = (node) =>
      `Generation ${model.grids[model.grid[node]][1]}, ${model.slot[node] + 1}`;
    const words = document.createElement("div");
    words.className = "words";
    pair.replaceChildren(
      side(sized(`/picture/${one}.jpg`, 256), name(this.node)),
      side(sized(`/picture/${two}.jpg`, 256), name(other)),
      side(`/trees/difference/${one}/${two}.jpg?size=256`, "Where they differ"),
      words,
    );
    pair.hidden = false;
    this.body.querySelector(".frame").hidden = true;
    this.panel.scrollTop = 0;
    const told = await ask(`/trees/compare/${one}/${two}.json`);
    if (turn !== this.turn || !told) return;
    const title = Object.assign(document.createElement("h4"), {
      textContent: told.words.length
        ? `What the second has otherwise (${Math.round(100 * told.common)} % in common)`
        : "Their networks are equal",
    });
    const list = document.createElement("ul");
    list.append(
      ...told.words.map((each) =>
        Object.assign(document.createElement("li"), { textContent: each }),
      ),
    );
    words.replaceChildren(title, list);
    pair.dataset.told = two;
  }
}

const STARTS = {
  founder: "A founder: a random little network without parents.",
  import: "Brought in from elsewhere, or from another run.",
};

/** The JSON of an address, or null when it cannot be had. */
async function ask(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Puts a finer picture in place once it is there. */
async function sharpen(image, address) {
  const fine = new Image();
  fine.src = address;
  try {
    await fine.decode();
    if (image.isConnected) image.src = address;
  } catch {
    // the coarse one stays
  }
}
