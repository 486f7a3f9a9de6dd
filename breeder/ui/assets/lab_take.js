// Taking a Lab picture away: its size, file and smoothing; small ones come at once, large ones are
// drawn in the background. Put before lab.js.

const SIDES = [128, 512, 1024, 2048, 4096, 8192, 16384]; // px of the longer side
class Take {
  constructor(root, tell) {
    Object.assign(this, { root, tell });
  }
  show() {}
  destroy() {}
}
