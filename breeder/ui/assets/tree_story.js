// The story of a picture: its ancestors in a strip, what changed at each step, and files to take.
//
// However long a story is, a picture is fetched when it comes into view.

class TreeStory {
  constructor(root) {
    this.root = root.querySelector(".story");
    this.id = "";
    const part = (name) => this.root.querySelector(name);
    this.parts = { title: part("h3"), rule: part(".rule"), strip: part(".strip") };
    this.parts.jobs = part(".jobs");
    for (const name of ["kind", "size", "seconds"]) this.parts[name] = part(`.${name}`);
    this.shelf = new ShelfView(this.parts.jobs, part(".news"));
  }

  async open(id) {
    this.id = id;
    this.root.hidden = false;
    this.root.dataset.told = "";
    setText(this.parts.title, "The story of a picture");
    setText(this.parts.rule, "Reading it …");
    this.parts.strip.replaceChildren();
    this.shelf.show();
    const told = await ask(`/stories/${id}.json`);
    if (this.id !== id) return;
    if (!told) {
      setText(this.parts.rule, "The story could not be read; try again.");
      return;
    }
    this.tell(told);
  }

  tell({ title, steps, rule, seconds, most_seconds: most }) {
    setText(this.parts.title, `The story of ${title}`);
    const crossed = steps.some((step) => step.others.length);
    const words = `${steps.length} ${plural(steps.length, "picture")}, from the first to now.`;
    setText(this.parts.rule, crossed ? `${words} ${rule}` : words);
    this.parts.seconds.value = seconds;
    this.parts.seconds.max = most;
    this.parts.strip.replaceChildren(...steps.map((step, place) => this.card(step, place)));
    this.parts.strip.scrollLeft = this.parts.strip.scrollWidth;
    this.root.dataset.told = this.id;
    this.root.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  card(step, place) {
    const card = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "face";
    button.dataset.face = step.id;
    button.setAttribute("aria-label", `${place + 1}: ${step.title}`);
    const image = Object.assign(new Image(128, 128), { loading: "lazy", alt: "" });
    image.src = sized(`/picture/${step.id}.jpg`, 256);
    button.append(image);
    const title = Object.assign(document.createElement("strong"), { textContent: step.title });
    const words = document.createElement("ul");
    words.append(
      ...step.words.map((each) =>
        Object.assign(document.createElement("li"), { textContent: each }),
      ),
    );
    words.title = step.words.join("\n");
    const others = document.createElement("span");
    others.className = "others";
    for (const id of step.others) {
      const other = Object.assign(document.createElement("button"), {
        type: "button",
        className: "face",
      });
      other.dataset.face = id;
      other.setAttribute("aria-label", "The other parent");
      other.title = "The other parent";
      other.append(
        Object.assign(new Image(36, 36), {
          loading: "lazy",
          alt: "",
          src: sized(`/picture/${id}.jpg`, 64),
        }),
      );
      others.append(other);
    }
    card.append(button, others, title, words);
    return card;
  }

  /** Orders a file of the story: "sheet", "long" or "film". */
  make(what) {
    const { kind, size, seconds } = this.parts;
    if (what !== "film")
      return this.order(what, what === "sheet" ? "Contact sheet" : "Long picture");
    const most = Number(seconds.max) || 300;
    const time = Math.max(1, Math.min(most, Math.round(Number(seconds.value)) || 10));
    seconds.value = time;
    const name = `Film, ${size.value} px ${kind.selectedOptions[0].text}, ${time} s`;
    this.order(`${kind.value}?size=${size.value}&seconds=${time}`, name);
  }

  /** Orders a file, and brings into view how far it is. */
  order(address, name) {
    shelf.order(`/stories/${this.id}/${address}`, name);
    this.parts.jobs.lastElementChild?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  close() {
    this.id = "";
    this.root.hidden = true;
    this.parts.strip.replaceChildren();
  }

  destroy() {
    this.shelf.destroy();
  }
}
