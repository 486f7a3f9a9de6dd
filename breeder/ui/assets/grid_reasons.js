// Why guided pictures were chosen, a part of grid.js: for one by its badge, for all by a key.
//
// The words are in the page from the start, as each picture's description: a screen reader reads
// them without anything being opened.

class Reasons {
  constructor(grid) {
    this.grid = grid;
    this.all = false; // stays from grid to grid
    this.one = -1; // index of the tile whose badge was pressed
  }

  paint(tile, wanted, badge, index) {
    const words = wanted.why ?? "";
    const open = index === this.one;
    tile.why.hidden = !words;
    setText(tile.why.querySelector(".why-label"), badge);
    setAttribute(tile.why, "aria-label", `Why: ${wanted.name}`);
    setAttribute(tile.why, "aria-expanded", open || this.all);
    setText(tile.reason, words);
    tile.reason.id = `breeder-why-${index}`;
    for (const button of [tile.pick, tile.why]) {
      if (words) setAttribute(button, "aria-describedby", tile.reason.id);
      else button.removeAttribute("aria-describedby");
    }
    setAttribute(tile.frame, "data-why", Boolean(words) && (open || this.all));
  }

  toggle(index) {
    this.one = this.one === index ? -1 : index;
    this.grid.paint();
  }

  toggleAll() {
    const { grid } = this;
    const count = grid.shown?.tiles.filter((tile) => tile.why).length ?? 0;
    this.all = !this.all && count > 0;
    this.one = -1;
    grid.note = count ? "" : "No picture of this grid was chosen by a guide.";
    grid.paint();
    const shown = this.all ? `Reasons of ${count} ${plural(count, "picture")} shown` : "";
    grid.announce(shown || grid.note || "Reasons hidden");
  }

  get open() {
    return this.all || this.one >= 0;
  }

  close() {
    this.all = false;
    this.one = -1;
    this.grid.paint();
  }

  /** Another grid is shown: a badge that was pressed is not there any more. */
  forget() {
    this.one = -1;
  }
}
