// The picks of one grid, a part of grid.js: as the person sees them, and as the server holds them.

const unfinished = new Map(); // generation -> Selection not yet confirmed; outlives a remount

class Selection {
  constructor(generation) {
    this.generation = generation;
    this.ear = ""; // whose word `saved` is
    this.saved = new Set();
    this.savedSeq = -1;
    this.changes = new Map(); // slot -> {picked, seq}: what the server has not confirmed
  }

  has(slot) {
    return this.changes.get(slot)?.picked ?? this.saved.has(slot);
  }

  get slots() {
    const all = new Set([...this.saved, ...this.changes.keys()]);
    return [...all].filter((slot) => this.has(slot)).sort((a, b) => a - b);
  }

  toggle(slot) {
    this.changes.set(slot, { picked: !this.has(slot), seq: Infinity });
  }

  /** What is to be said. Other slots may have been picked in another tab: they are not ours. */
  get message() {
    const touched = [...this.changes.keys()].sort((a, b) => a - b);
    return { kind: "picks", generation: this.generation, slots: this.slots, touched };
  }

  said(seq) {
    for (const change of this.changes.values()) change.seq = Math.min(change.seq, seq);
  }

  /** Takes the server's word, unless it is older than what is known. */
  confirm(saved, ear) {
    if (!saved || saved.generation !== this.generation) return;
    if (ear === this.ear && saved.seq < this.savedSeq) return;
    this.ear = ear;
    this.savedSeq = saved.seq;
    this.saved = new Set(saved.slots);
    for (const [slot, { seq }] of this.changes) if (seq <= saved.seq) this.changes.delete(slot);
  }

  /** Whether a pick is stored; only then does it carry the solid mark. */
  isTaken(slot) {
    return !this.changes.has(slot) && this.saved.has(slot);
  }

  get pending() {
    return this.changes.size > 0;
  }
}
