// The keys of the grid, a part of grid.js: which keys are its own, and what they mean.
//
// What is pressed while a grid is on its way waits for that grid. The arrows move at once; F and O
// mean the picture that is seen, so they do not wait.

const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
const LETTERS = {
  z: "back",
  y: "forward",
  r: "reroll",
  s: "surprise",
  f: "favourite",
  o: "open",
  w: "whys",
  t: "tree",
  "?": "help",
};
const AT_ONCE = ["help", "whys", "favourite", "open"]; // of the grid that is seen
const WAIT_AT_MOST = 20; // presses

let newest = null; // the Grid that hears keys pressed nowhere in particular

class Keys {
  constructor(grid) {
    this.grid = grid;
    this.waiting = []; // {kind, index}, oldest first: for the grid on its way
  }

  hear(event) {
    const place = this.placeOf(event);
    if (!place) return;
    const command = this.commandFor(event, place);
    if (!command) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat || MOVES.includes(event.key)) command();
  }

  /** Where a key was pressed: on a "tile", a "tool", the "page" around, or null: not ours. */
  placeOf(event) {
    const { grid } = this;
    if (event.defaultPrevented || event.isComposing || !grid.root.isConnected) return null;
    if (event.ctrlKey || event.metaKey || event.altKey) return null;
    if (event.shiftKey && event.key !== "?") return null;
    const path = event.composedPath();
    if (path.some(isTyping) || grid.parts.keys.open || isDialogOpen()) return null;
    if (grid.tiles.some((tile) => path[0] === tile.pick)) return "tile";
    if (path.includes(grid.root)) return "tool";
    // nowhere in particular: the body, or a scroller around the grid
    const around = path[0] instanceof Node && path[0].contains(hostOf(grid.root));
    return around && newest === grid ? "page" : null;
  }

  commandFor(event, place) {
    const { grid } = this;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Escape") return grid.reasons.open ? () => grid.reasons.close() : null;
    if (Object.hasOwn(LETTERS, key)) return () => this.wish(LETTERS[key]);
    if (place === "tool") return null;
    if (MOVES.includes(key)) return () => this.move(key, place);
    if (key === "Enter") return () => this.wish("evolve");
    if (key !== " ") return null;
    return () => {
      grid.moveTo(grid.current);
      this.wish("pick");
    };
  }

  /** Does what a key asks for, now or when the grid on its way is shown. */
  wish(kind) {
    const { grid } = this;
    const index = grid.current;
    const seen = AT_ONCE.includes(kind) || (kind === "pick" && grid.open);
    if (grid.live || seen) {
      grid.act(kind, index);
    } else if (grid.generation && this.waiting.length < WAIT_AT_MOST && !this.isDouble(kind)) {
      this.waiting.push({ kind, index });
    }
  }

  /** Whether it asks again for the grid that is bred already: nobody means one they never saw. */
  isDouble(kind) {
    const breeds = (each) => ["evolve", "reroll", "surprise"].includes(each);
    return breeds(kind) && breeds(this.waiting.at(-1)?.kind ?? this.grid.frozen?.kind);
  }

  /** The grid is shown: does what waits for it, until the next one is on its way. */
  catchUp() {
    while (this.waiting.length && this.grid.live) {
      const { kind, index } = this.waiting.shift();
      this.grid.act(kind, index);
    }
  }

  forget() {
    this.waiting = [];
  }

  move(key, place) {
    const { columns, current, tiles } = this.grid;
    const last = tiles.length - 1;
    if (last < 0) return;
    const below = current + columns;
    const sameRow = Math.floor(current / columns) === Math.floor(last / columns);
    const target = {
      ArrowLeft: current - 1,
      ArrowRight: current + 1,
      ArrowUp: current >= columns ? current - columns : current,
      ArrowDown: sameRow ? current : Math.min(below, last),
      Home: 0,
      End: last,
    }[key];
    // from the page, the first arrow only shows where one is
    const start = place === "page" && key.startsWith("Arrow");
    this.grid.moveTo(start ? current : Math.max(0, Math.min(target, last)));
  }
}

function isTyping(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  const noText = "[type=button], [type=submit], [type=reset], [type=image]";
  return element.matches("input") && !element.matches(noText);
}

function isDialogOpen() {
  const dialogs = document.querySelectorAll('[role="dialog"], [role="alertdialog"], dialog[open]');
  return [...dialogs].some((dialog) => dialog.checkVisibility?.() ?? true);
}

function hostOf(root) {
  const top = root.getRootNode();
  return top instanceof ShadowRoot ? top.host : root;
}

/** Space is heard on keydown; in Firefox the button would still click on keyup. */
function preventSpaceClick(event) {
  if (event.key === " " && event.target.matches(".pick")) event.preventDefault();
}
