// The experiments of the Lab as small pictures in one long row, kind after kind, or all with what to
// look for; put before lab.js.

class Gallery {
  constructor(root) {
    this.root = root;
    this.chips = root.querySelector(".chips");
    this.shelf = root.querySelector(".shelf");
    this.opener = root.querySelector('[data-act="all-presets"]');
    this.ending = new AbortController();
    const { signal } = this.ending;
    this.chips.addEventListener("click", (event) => this.onChip(event), { signal });
    this.shelf.addEventListener("scroll", () => this.showKind(), { signal, passive: true });
    this.opener.addEventListener("click", () => this.toggle(), { signal });
    this.waiting = []; // [element, address] of the cards that came into sight
    this.loading = 0;
    this.sight = new IntersectionObserver((seen) => this.onSight(seen), { rootMargin: "200px" });
  }

  build(presets) {
    const kinds = [...new Set(presets.map((each) => each.group))];
    this.chips.replaceChildren(
      ...kinds.map((kind) => {
        const chip = made("button", "", kind);
        chip.type = "button";
        chip.dataset.kind = kind;
        return chip;
      }),
    );
    this.cards = presets.map((preset) => presetCard(preset));
    this.shelf.replaceChildren(...this.cards.map(({ item }) => item));
    for (const { thumb } of this.cards) this.sight.observe(thumb);
    this.showKind();
  }

  show(chosen) {
    for (const { card } of this.cards) {
      setAttribute(card, "aria-pressed", card.dataset.preset === chosen);
    }
  }

  /** Brings an experiment into sight. */
  reach(chosen) {
    const card = this.cards.find(({ card: { dataset } }) => dataset.preset === chosen);
    if (card) this.scrollTo(card.item, "auto");
  }

  toggle() {
    const all = this.root.toggleAttribute("data-all");
    setAttribute(this.opener, "aria-expanded", all);
    setText(this.opener, all ? "In a row" : "All");
    this.showKind();
  }

  onChip(event) {
    const { kind } = event.target.closest("button")?.dataset ?? {};
    const card = this.cards.find(({ item }) => item.dataset.kind === kind);
    if (card) this.scrollTo(card.item, "smooth");
    this.showKind(kind);
  }

  scrollTo(item, behavior) {
    const { shelf } = this;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    shelf.scrollTo({
      left: item.offsetLeft - 3,
      top: item.offsetTop - 8,
      behavior: calm ? "auto" : behavior,
    });
  }

  /** Marks the kind that the row has come to. */
  showKind(asked = "") {
    const { left, top } = this.shelf.getBoundingClientRect();
    const first = this.cards?.find(({ item }) => {
      const place = item.getBoundingClientRect();
      return place.right > left + 40 && place.bottom > top + 40;
    });
    const kind = asked || first?.item.dataset.kind;
    for (const chip of this.chips.children) {
      const here = chip.dataset.kind === kind;
      setAttribute(chip, "aria-pressed", here);
      if (here) this.chips.scrollTo({ left: chip.offsetLeft - this.chips.offsetLeft - 60 });
    }
  }

  onSight(seen) {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting || target.dataset.shown) continue;
      this.sight.unobserve(target);
      this.waiting.push(target);
    }
    while (this.loading < AT_ONCE && this.waiting.length) this.load(this.waiting.shift());
  }

  async load(thumb) {
    this.loading += 1;
    await showThumb(thumb, thumb.dataset.address, this.ending.signal);
    this.loading -= 1;
    this.onSight([]);
  }

  destroy() {
    this.ending.abort();
    this.sight.disconnect();
  }
}

function presetCard(preset) {
  const item = made("li");
  const card = made("button", "card");
  const thumb = made("span", "thumb");
  item.dataset.kind = preset.group;
  card.type = "button";
  card.dataset.preset = preset.id;
  card.title = preset.look;
  thumb.dataset.address = thumbOf(preset.query, 192);
  card.append(thumb, made("span", "name", preset.title), made("span", "sentence", preset.look));
  item.append(card);
  return { item, card, thumb };
}

function thumbOf(query, side) {
  return `/lab/picture.jpg?${query}&width=${side}&height=${side}`;
}
