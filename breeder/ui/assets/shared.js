// What the components of breeder share: put before each component's own script when it is loaded,
// since a component of Streamlit (v2) without a build is one script.

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

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

function plural(count, word) {
  return count === 1 ? word : `${word}s`;
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
  if (event.target.matches("input, textarea")) event.stopPropagation();
}
