// Copying, for the components that do: put before their own scripts.

const SAID_FOR = 1600; // ms

/** Puts text on the clipboard; tells whether that worked. */
async function copied(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // not a secure page, say: the older way needs a field with the text in it
    const field = document.createElement("textarea");
    field.value = text;
    field.style.cssText = "position: fixed; opacity: 0";
    root.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

/** Shows other words for a moment. */
function briefly(element, words, usual) {
  element.textContent = words;
  setTimeout(() => setText(element, usual), SAID_FOR);
}
