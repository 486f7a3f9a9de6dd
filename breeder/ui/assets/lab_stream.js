// Asks for pictures of the Lab while sliders move; put before the scripts that show them.
//
// One request is under way for a picture at any time. Its answer is a stream: the picture coarse,
// then finer, with how far it is between. A newer wish drops the stream as soon as it has shown
// something, and the server stops drawing; wishes in between are never asked for.

const FIRST_LOOK = 1_500; // ms a request may take to show anything before a newer wish drops it
const ASK_AGAIN = [500, 1_000, 2_000, 4_000]; // ms, where the server does not answer

class LivePicture {
  /** Calls `show(bitmap, head)`, `progress(share)`, `fail(message)`; see `want`. */
  constructor({ show, progress, fail }) {
    Object.assign(this, { show, progress, fail });
    this.wish = null; // the newest address asked for
    this.running = null; // {address, abort, shown, began}
    this.asked = 0; // requests made, for the tests
    this.failures = 0;
    this.timer = 0;
  }

  /** Wants the picture at an address; what was wanted before is wanted no more. */
  want(address) {
    if (address === this.wish) return;
    this.wish = address;
    this.failures = 0;
    this.turn();
  }

  /** Wants nothing any more: ends what is under way, and keeps what is shown. */
  stop() {
    clearTimeout(this.timer);
    this.wish = null;
    this.running?.abort.abort();
    this.running = null;
  }

  turn() {
    clearTimeout(this.timer);
    const { running, wish } = this;
    if (wish === null || running?.address === wish) return;
    if (!running) {
      this.ask(wish);
      return;
    }
    const waited = performance.now() - running.began;
    if (running.shown || waited > FIRST_LOOK) {
      running.abort.abort();
      this.running = null;
      this.ask(wish);
    } else {
      this.timer = setTimeout(() => this.turn(), FIRST_LOOK - waited + 1);
    }
  }

  async ask(address) {
    const abort = new AbortController();
    const running = { address, abort, shown: false, began: performance.now() };
    this.running = running;
    this.asked += 1;
    let trouble = null;
    try {
      const answer = await fetch(address, { signal: abort.signal });
      if (answer.ok) await this.read(answer, running);
      else trouble = { message: await answer.text(), again: answer.status >= 500 };
    } catch (error) {
      if (error instanceof StreamError) trouble = { message: error.message, again: false };
      else if (error.name !== "AbortError") {
        trouble = { message: "The server does not answer; trying again.", again: true };
      }
    }
    if (this.running !== running) return; // a newer wish took its place
    this.running = null;
    if (this.wish !== address) this.turn();
    else if (trouble) this.stumble(trouble);
  }

  stumble({ message, again }) {
    this.fail(message);
    if (!again) return;
    const wish = this.wish;
    const wait = ASK_AGAIN[Math.min(this.failures, ASK_AGAIN.length - 1)];
    this.failures += 1;
    this.timer = setTimeout(() => {
      if (this.wish === wish && !this.running) this.ask(wish);
    }, wait);
  }

  async read(answer, running) {
    let ended = false;
    for await (const { head, body } of frames(answer.body.getReader())) {
      if (this.running !== running) return;
      if (head.kind === "progress") this.progress(head.share);
      else if (head.kind === "failed") throw new StreamError(head.message);
      else await this.take(head, body, running);
      ended = Boolean(head.last);
    }
    if (!ended && this.running === running) throw new TypeError("The stream broke off.");
  }

  async take(head, body, running) {
    const bitmap = await createImageBitmap(new Blob([body], { type: "image/jpeg" }));
    if (this.running !== running) return bitmap.close();
    this.failures = 0;
    running.shown = true;
    this.show(bitmap, head);
    bitmap.close();
    // a slider that still moves: its newest position, and not the finer picture of an older one
    if (this.wish !== running.address) this.turn();
  }
}

class StreamError extends Error {}

/** Yields the frames of a stream: a length, a head in JSON, and as many bytes as it says. */
async function* frames(reader) {
  const inflow = new Inflow(reader);
  for (;;) {
    const size = await inflow.take(4);
    if (!size) return;
    const head = JSON.parse(
      new TextDecoder().decode(await inflow.take(new DataView(size.buffer, size.byteOffset).getUint32(0))),
    );
    const body = head.bytes ? await inflow.take(head.bytes) : null;
    yield { head, body };
  }
}

/** Bytes as they come, taken in the numbers asked for. */
class Inflow {
  constructor(reader) {
    this.reader = reader;
    this.parts = [];
    this.held = 0;
  }

  async take(count) {
    while (this.held < count) {
      const { value, done } = await this.reader.read();
      if (done && !this.held) return null;
      if (done) throw new TypeError("The stream broke off.");
      this.parts.push(value);
      this.held += value.length;
    }
    const bytes = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const part = this.parts[0];
      const piece = part.subarray(0, count - at);
      bytes.set(piece, at);
      at += piece.length;
      if (piece.length === part.length) this.parts.shift();
      else this.parts[0] = part.subarray(piece.length);
    }
    this.held -= count;
    return bytes;
  }
}
