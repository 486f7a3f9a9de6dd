// Takes a file dropped anywhere on the page and hands it to the uploader in the sidebar, a Streamlit
// component (v2). Without it the browser would leave the page to show the file. On a phone, where the
// sidebar covers the page, it also closes the sidebar once something was chosen there.

const UPLOADER = '[data-testid="stFileUploader"]';
const PAGE_LINK = '[data-testid="stSidebarNavLink"]';
const CLOSE_SIDEBAR = '[data-testid="stSidebarCollapseButton"] button';
const PHONE = "(max-width: 768px)";

const ends = new WeakMap(); // parent element -> what stops its listeners

export default function drop(component) {
  const parent = component.parentElement;
  ends.get(parent)?.abort();
  const ending = new AbortController();
  ends.set(parent, ending);
  const sign = parent.querySelector(".drop");
  let inside = 0; // elements entered and not left: leaving one enters another first

  const on = (type, act) =>
    window.addEventListener(
      type,
      (event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        act(event);
        sign.hidden = inside <= 0;
      },
      { signal: ending.signal },
    );
  on("dragenter", () => (inside += 1));
  on("dragleave", () => (inside -= 1));
  on("dragover", (event) => event.preventDefault());
  on("drop", (event) => {
    inside = 0;
    const taken = event.target instanceof Element && event.target.closest(UPLOADER);
    event.preventDefault();
    if (!taken) hand(event.dataTransfer.files[0]);
  });
  const chosen = (type, act) => window.addEventListener(type, act, { signal: ending.signal });
  chosen("breeder-run-chosen", closeSidebar);
  chosen("change", (event) => event.target.closest?.(UPLOADER) && closeSidebar());
  chosen("click", (event) => event.target.closest?.(PAGE_LINK) && closeSidebar());
  return () => ending.abort();
}

function closeSidebar() {
  if (matchMedia(PHONE).matches) document.querySelector(CLOSE_SIDEBAR)?.click();
}

function hand(file) {
  const input = document.querySelector(`${UPLOADER} input[type=file]`);
  if (!input || !file) return;
  const carrier = new DataTransfer();
  carrier.items.add(file);
  input.files = carrier.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
