// The settings beside the Lab's picture, made from a table that the page sends; put before lab.js.
//
// Settings are what an address holds: texts by key. A control shows the text of its key, or of two,
// and says `change({key: text}, live)`, live while a slider is held. It keeps no state of its own.

const DRAG_DIGITS = 4; // figures of a number that a slider gives

class Controls {
  constructor(form, change) {
    this.form = form;
    this.change = change;
    this.rows = []; // {element, field, show}
  }

  /** Makes the controls of a table of groups: [{title, open, fields: [{kind, key, ...}]}]. */
  build(groups) {
    this.rows = [];
    this.form.replaceChildren(...groups.map((group) => this.group(group)));
  }

  group({ title, open, fields }) {
    const element = made("details", "group");
    element.open = open;
    const summary = made("summary", "", title);
    const body = made("div", "fields");
    for (const field of fields) {
      const row = KINDS[field.kind](field, (values, live) => this.change(values, live));
      row.element.classList.add("field");
      row.element.dataset.key = field.key;
      row.element.dataset.half = String(Boolean(field.half));
      this.rows.push({ field, ...row });
      body.append(row.element);
    }
    element.append(summary, body);
    return element;
  }

  /** Shows settings; what a person types in right now is left alone. */
  show(settings) {
    for (const { element, field, show } of this.rows) {
      element.hidden = !holds(field.when, settings);
      if (!element.hidden) show(settings);
      if (field.needs) element.dataset.idle = String(!isRead(field.needs, settings));
    }
  }
}

const KINDS = {
  range(field, change) {
    const element = made("div");
    const head = made("div", "label");
    const label = made("label", "", field.label);
    const number = made("input", "number");
    const slider = made("input", "slider");
    number.type = "number";
    number.step = "any";
    number.setAttribute("aria-label", `${field.label}, typed`);
    slider.type = "range";
    slider.min = toSlider(field, field.min);
    slider.max = toSlider(field, field.max);
    slider.step = field.step ?? "any";
    slider.id = `lab-${field.key}`;
    label.htmlFor = slider.id;
    explain(label, field);
    head.append(label, number);
    element.append(head, slider);
    const moved = () => {
      const value = tidy(fromSlider(field, slider.valueAsNumber));
      number.value = value;
      fill(slider);
      change({ [field.key]: value }, true); // keys make many changes too
    };
    slider.addEventListener("input", moved);
    hold(slider);
    number.addEventListener("change", () => {
      if (Number.isFinite(number.valueAsNumber)) change({ [field.key]: tidy(number.valueAsNumber) }, false);
    });
    return {
      element,
      show(settings) {
        const value = Number(settings[field.key]);
        if (!isActive(number)) number.value = tidy(value);
        if (slider !== holding) slider.value = toSlider(field, value);
        fill(slider);
      },
    };
  },

  select(field, change) {
    const element = made("div");
    const { label, control } = labelled(field, "select");
    for (const [value, words] of field.options) control.append(new Option(words, value));
    control.addEventListener("change", () => change({ [field.key]: control.value }, false));
    element.append(label, control);
    return { element, show: (settings) => (control.value = settings[field.key]) };
  },

  segments(field, change) {
    const element = made("div");
    const label = made("div", "label", field.label);
    explain(label, field);
    const group = made("div", "segments");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", field.label);
    const buttons = field.options.map(([value, words]) => {
      const button = made("button", "", words);
      button.type = "button";
      button.value = value;
      button.addEventListener("click", () => change({ [field.key]: value }, false));
      return button;
    });
    group.append(...buttons);
    element.append(label, group);
    return {
      element,
      show(settings) {
        for (const each of buttons) each.setAttribute("aria-pressed", each.value === settings[field.key]);
      },
    };
  },

  switch(field, change) {
    const element = made("label", "switch");
    const box = made("input");
    box.type = "checkbox";
    box.setAttribute("role", "switch");
    element.append(box, made("span", "", field.label));
    explain(element, field);
    box.addEventListener("change", () => change({ [field.key]: box.checked ? "1" : "0" }, false));
    return { element, show: (settings) => (box.checked = settings[field.key] === "1") };
  },

  text(field, change) {
    const element = made("div");
    const { label, control } = labelled(field, "input");
    control.type = "text";
    control.maxLength = field.most ?? 200;
    control.placeholder = field.placeholder ?? "";
    control.spellcheck = false;
    const says = (live) => change({ [field.key]: control.value.trim() }, live);
    if (field.live) control.addEventListener("input", () => says(true));
    control.addEventListener("change", () => says(false));
    element.append(label, control);
    return {
      element,
      show(settings) {
        if (!isActive(control)) control.value = settings[field.key];
      },
    };
  },

  seed(field, change) {
    const element = made("div");
    const { label, control } = labelled(field, "input");
    control.type = "number";
    control.min = 0;
    control.max = field.most;
    control.step = 1;
    const another = made("button", "aside", "Another");
    another.type = "button";
    another.title = "A seed drawn at random";
    another.dataset.act = "another";
    control.addEventListener("change", () => {
      const seed = Math.round(control.valueAsNumber);
      if (seed >= 0 && seed <= field.most) change({ [field.key]: String(seed) }, false);
    });
    const pair = made("div", "pair");
    pair.append(control, another);
    element.append(label, pair);
    return {
      element,
      show(settings) {
        if (!isActive(control)) control.value = settings[field.key];
      },
    };
  },
};

// Small things -------------------------------------------------------------------------------

let holding = null; // the slider that is held: it leads, the settings follow

/** Marks a slider as held while a hand is on it; it has the pointer then, wherever that goes. */
function hold(slider) {
  slider.addEventListener("pointerdown", () => (holding = slider));
  for (const type of ["pointerup", "pointercancel", "change"]) {
    slider.addEventListener(type, () => (holding = null));
  }
}

function made(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function labelled(field, tag) {
  const label = made("label", "label", field.label);
  const control = made(tag, "box");
  control.id = `lab-${field.key}`;
  label.htmlFor = control.id;
  explain(label, field);
  return { label, control };
}

function explain(element, field) {
  if (!field.help) return;
  element.title = field.help;
  element.classList.add("explained");
}

/** Whether settings are such that a field counts: {key: [texts]}, all of them. */
function holds(when, settings) {
  return Object.entries(when ?? {}).every(([key, texts]) => texts.includes(settings[key]));
}

/** Whether the first layer reads an input. */
function isRead(input, settings) {
  return settings.inputs.split(",").includes(input);
}

/** Keeps the page's own keys (R, C) from what is typed, and from a list that is looked through. */
function silenceKeys(event) {
  if (event.target.matches("input, select")) event.stopPropagation();
}

function isActive(element) {
  return element.getRootNode().activeElement === element;
}

function toSlider({ scale }, value) {
  if (scale === "log2") return Math.log2(value);
  return scale === "log10" ? Math.log10(value) : value;
}

function fromSlider({ scale }, place) {
  if (scale === "log2") return 2 ** place;
  return scale === "log10" ? 10 ** place : place;
}

function tidy(value) {
  return String(Number(value.toPrecision(DRAG_DIGITS)));
}

/** Colours a slider up to its handle. */
function fill(slider) {
  const { min, max, value } = slider;
  const share = (Number(value) - Number(min)) / (Number(max) - Number(min) || 1);
  slider.style.setProperty("--share", `${100 * share}%`);
}
