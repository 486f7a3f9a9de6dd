// What the components of breeder share: put before each component's own script when it is loaded,
// since a component of Streamlit (v2) without a build is one script.

const ANSWER_WITHIN = 2_000; // ms before the next action is sent without the last one's answer
const GIVE_UP_AFTER = 15_000; // ms before the server's word holds again

const living = new WeakMap(); // parent element -> the object that lives on it

/**
 * Hands a message to the object that lives on its parent element, made with the first one.
 *
 * Streamlit calls a component's default export again for every message, with the same parent
 * element, and may call an older call's cleanup after a newer call. So one object lives on each
 * parent element, and only the cleanup of its newest call ends it.
 */
function live(component, selector, Kind) {
  const parent = component.parentElement;
  const root = parent.querySelector(selector);
  let here = living.get(parent);
  if (here && here.root !== root) {
    here.destroy();
    here = undefined;
  }
  if (!here) {
    here = new Kind(parent, root);
    living.set(parent, here);
  }
  const turn = here.update(component);
  return () => here.release(turn);
}

/** Sends actions one at a time (Streamlit keeps only the newest of the triggers that wait). */
class Outbox {
  constructor(onGivenUp) {
    this.unanswered = []; // oldest first; the first `sent` of them are on their way
    this.sent = 0;
    this.timer = 0;
    this.trigger = () => {};
    this.onGivenUp = onGivenUp;
  }

  put(action) {
    this.unanswered.push({ ...action, nonce: newNonce() });
    if (!this.sent) this.next();
  }

  /** Actions are answered in order: the answer to one is an answer to those before. */
  answered(nonce) {
    const count = this.unanswered.findIndex((action) => action.nonce === nonce) + 1;
    if (!count) return;
    this.unanswered.splice(0, count);
    this.sent = Math.max(0, this.sent - count);
    if (!this.sent) this.next();
  }

  next() {
    clearTimeout(this.timer);
    const action = this.unanswered[this.sent];
    if (!action) return;
    this.sent += 1;
    this.timer = setTimeout(() => this.next(), ANSWER_WITHIN);
    setTimeout(() => this.giveUp(action.nonce), GIVE_UP_AFTER);
    this.trigger("action", action);
  }

  giveUp(nonce) {
    if (!this.unanswered.some((action) => action.nonce === nonce)) return;
    this.answered(nonce);
    this.onGivenUp();
  }

  close() {
    clearTimeout(this.timer);
    // what still waits goes out together: the page is leaving, there will be no answer
    this.unanswered.splice(0).slice(this.sent).forEach((action) => this.trigger("action", action));
    this.onGivenUp = () => {};
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

function plural(count, word) {
  return count === 1 ? word : `${word}s`;
}

function newNonce() {
  // crypto.randomUUID is missing where the page comes over plain http
  const words = crypto.getRandomValues(new Uint32Array(3));
  return [...words].map((word) => word.toString(36)).join("-");
}

function sized(url, size) {
  return `${url}${url.includes("?") ? "&" : "?"}size=${size}`;
}

/** Red, green and blue, 0 to 255, of any CSS colour; null when it has none. */
function parseColour(text) {
  const context = document.createElement("canvas").getContext("2d");
  if (!context || !CSS.supports("color", text)) return null;
  context.fillStyle = text;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

/** WCAG 2 contrast ratio of white on a colour. */
function contrastWithWhite(colour) {
  const [red, green, blue] = colour.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

function silenceTyping(event) {
  if (event.target.matches("input")) event.stopPropagation();
}
