// How a component speaks to the server so that nothing said is lost; put after shared.js.
//
// Streamlit drops what is said while it is not connected, keeps one of several triggers that wait,
// and calls nobody for what a fresh session hears first. So all that was not answered is kept here,
// numbered and in order, and the whole is said again: with every change, after a while, when the
// connection comes back, and when another ear answers than before (a restarted server).

const SAY_AGAIN_AFTER = 3_000; // ms without an answer, then twice as long each time
const SAY_AGAIN_AT_MOST_EVERY = 30_000;
const SAY_AGAIN_SOON = 1_500; // ms after a word of the server that leaves something unanswered
const GIVE_UP_AFTER = 15_000; // ms; then the server's word holds again

let lastSeq = 0; // number of the newest message; outlives a remount
let turns = 0; // makes every saying a change, so that the server's callback runs

class Outbox {
  /** `onChange` is called when the connection or `late` changed; with true, after giving up. */
  constructor(onChange, unanswered = []) {
    this.unanswered = unanswered; // oldest first: {seq, kind, ...}
    this.connected = true;
    this.late = false; // whether something has waited long for its answer
    this.ear = ""; // whose answer came last
    this.wait = SAY_AGAIN_AFTER;
    this.timer = 0;
    this.say = () => {}; // Streamlit's setStateValue
    this.onChange = onChange;
    this.stopWatching = watchConnection((connected) => this.onConnection(connected));
  }

  /** Says something and keeps it until it is answered or, unless `forEver`, given up. */
  put(message, { forEver = false } = {}) {
    const seq = (lastSeq += 1);
    this.unanswered.push({ seq, ...message });
    if (!forEver) setTimeout(() => this.giveUp(seq), GIVE_UP_AFTER);
    this.sayAll();
    return seq;
  }

  /** Forgets messages that a newer one makes needless. */
  forget(needless) {
    this.unanswered = this.unanswered.filter((message) => !needless(message));
  }

  /** Takes the server's word: messages are done in order, the number is that of the last. */
  hear({ ear, answered }) {
    const other = ear !== this.ear;
    this.ear = ear;
    this.forget((message) => message.seq <= answered);
    if (!this.unanswered.length) this.rest();
    else if (other) this.sayAll();
    else this.arm(Math.min(SAY_AGAIN_SOON, this.wait));
  }

  sayAll() {
    clearTimeout(this.timer);
    if (!this.connected) {
      this.late = true;
      return;
    }
    turns += 1;
    this.arm(this.wait);
    this.say("said", { turn: turns, messages: [...this.unanswered] });
  }

  sayAgain() {
    if (!this.unanswered.length) return;
    this.late = true;
    this.wait = Math.min(this.wait * 2, SAY_AGAIN_AT_MOST_EVERY);
    this.sayAll();
    this.onChange();
  }

  arm(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sayAgain(), wait);
  }

  rest() {
    clearTimeout(this.timer);
    this.wait = SAY_AGAIN_AFTER;
    this.late = false;
  }

  giveUp(seq) {
    if (!this.unanswered.some((message) => message.seq === seq)) return;
    this.forget((message) => message.seq === seq);
    if (!this.unanswered.length) this.rest();
    this.onChange(true);
  }

  onConnection(connected) {
    this.connected = connected;
    this.wait = SAY_AGAIN_AFTER;
    if (this.unanswered.length) this.sayAll();
    this.onChange();
  }

  close() {
    clearTimeout(this.timer);
    this.stopWatching();
    this.onChange = () => {};
    return this.unanswered.splice(0);
  }
}

/** Calls back when Streamlit's page loses its server or finds it again; returns how to stop. */
function watchConnection(onChange) {
  const app = document.querySelector('[data-testid="stApp"]');
  // without the attribute (another version of Streamlit) the outbox's clock alone repeats
  const connected = () => (app?.dataset.testConnectionState ?? "CONNECTED") === "CONNECTED";
  let before = connected();
  const observer = new MutationObserver(() => {
    if (connected() !== before) onChange((before = connected()));
  });
  if (app) observer.observe(app, { attributeFilter: ["data-test-connection-state"] });
  return () => observer.disconnect();
}
