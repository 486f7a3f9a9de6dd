// The Lab's own kinds of controls: layers, weights, inputs, size; put after lab_controls.js.

Object.assign(KINDS, {
  /** Layers all alike by two sliders, or any list of widths as text: "16*8,4". */
  widths(field, change) {
    const element = made("div", "stack");
    const send = (text, live) => change({ [field.key]: text }, live);
    const parts = (settings) => readWidths(settings[field.key]) ?? [];
    const alike = { layers: 8, neurons: 16 };
    const say = (name) => (values, live) => {
      alike[name] = Math.round(Number(values[name]));
      send(alike.layers ? `${alike.neurons}*${alike.layers}` : "", live);
    };
    const layers = KINDS.range(
      { key: "layers", label: "Hidden layers", min: 0, max: field.most_layers, step: 1 },
      say("layers"),
    );
    const neurons = KINDS.range(
      { key: "neurons", label: "Neurons in each", min: 1, max: field.most_width, scale: "log2" },
      say("neurons"),
    );
    const list = KINDS.text(
      { key: field.key, label: "Any list of widths", placeholder: "no hidden layer", help: field.help },
      (values) => send(values[field.key].replaceAll(/[\s;]+/g, ",").replaceAll(/,+/g, ","), false),
    );
    const usual = made("div", "usual");
    for (const [text, words] of field.usual) {
      const button = made("button", "quiet", words);
      button.type = "button";
      button.addEventListener("click", () => send(text, false));
      usual.append(button);
    }
    element.append(layers.element, neurons.element, list.element, usual);
    return {
      element,
      show(settings) {
        const widths = parts(settings);
        const same = widths.every((width) => width === widths[0]);
        alike.layers = widths.length;
        if (widths.length) alike.neurons = Math.max(...widths);
        layers.show({ layers: alike.layers });
        neurons.show({ neurons: alike.neurons });
        element.dataset.same = String(same);
        list.show(settings);
      },
    };
  },

  /** How numbers are drawn: a name, and what it takes, each a slider: "uniform:100". */
  init(field, change) {
    const element = made("div", "stack");
    const { label, control } = labelled(field, "select");
    for (const { value, label: words } of field.names) control.append(new Option(words, value));
    const numbers = made("div", "stack");
    element.append(label, control, numbers);
    let shown = null; // name whose sliders are there
    let rows = [];
    let now = [];
    const send = (live) => change({ [field.key]: [shown, ...now].join(":") }, live);
    const choose = (name) => {
      const row = field.names.find((each) => each.value === name) ?? field.names[0];
      shown = name;
      rows = row.numbers.map((number, place) =>
        KINDS.range({ ...number, key: "number" }, (values, live) => {
          now[place] = values.number;
          send(live);
        }),
      );
      numbers.replaceChildren(...rows.map((each) => each.element));
      return row.numbers.map((number) => String(number.usual));
    };
    control.addEventListener("change", () => {
      now = choose(control.value);
      send(false);
    });
    return {
      element,
      show(settings) {
        const [name, ...given] = settings[field.key].split(":");
        const usual = name === shown ? now : choose(name);
        now = given.length ? given : usual;
        control.value = name;
        rows.forEach((row, place) => row.show({ number: now[place] }));
      },
    };
  },

  /** What the first layer reads: names to switch on, and functions of one's own. */
  inputs(field, change) {
    const element = made("div", "stack");
    const label = made("div", "label", field.label);
    explain(label, field);
    const chips = made("div", "segments");
    const own = made("div", "stack");
    const add = made("button", "aside", "Add an input of your own");
    add.type = "button";
    let listed = [];
    const send = (live = false) => {
      if (listed.length) change({ [field.key]: listed.join(",") }, live);
    };
    const buttons = field.names.map(([value, words]) => {
      const button = made("button", "", words);
      button.type = "button";
      button.value = value;
      button.addEventListener("click", () => {
        const without = listed.filter((each) => each !== value);
        if (without.length === listed.length) listed = [...listed, value];
        else if (without.length) listed = without; // the last one stays
        send();
      });
      return button;
    });
    chips.append(...buttons);
    add.addEventListener("click", () => {
      if (listed.length >= field.most) return;
      const fresh = ["cos:0:0:10:0", "sin:10:0:0:0", "sin:0:10:0:0", "square:1:0:0:0", "square:0:1:0:0"];
      listed = [...listed, fresh.find((each) => !listed.includes(each)) ?? `tanh:1:1:0:${listed.length}`];
      send();
    });
    element.append(label, chips, own, add);
    return {
      element,
      show(settings) {
        listed = settings[field.key].split(",");
        for (const each of buttons) each.setAttribute("aria-pressed", listed.includes(each.value));
        const places = listed.flatMap((each, place) => (each.includes(":") ? [place] : []));
        if (own.childElementCount !== places.length || !own.contains(own.getRootNode().activeElement)) {
          own.replaceChildren(...places.map((place) => ownInput(field, listed, place, send)));
        }
        add.hidden = listed.length >= field.most;
      },
    };
  },

  /** A point: two numbers in one text, "0.1,0.2". */
  point(field, change) {
    const element = made("div", "stack");
    let now = ["0", "0"];
    const rows = field.labels.map((label, place) =>
      KINDS.range({ ...field, key: "number", label }, (values, live) => {
        now[place] = values.number;
        change({ [field.key]: now.join(",") }, live);
      }),
    );
    element.append(...rows.map((row) => row.element));
    return {
      element,
      show(settings) {
        now = settings[field.key].split(",");
        rows.forEach((row, place) => row.show({ number: now[place] }));
      },
    };
  },

  /** Pixels of the picture: as many as are shown, a usual size, or any: "1080x720". */
  size(field, change) {
    const element = made("div", "stack");
    const { label, control } = labelled(field, "select");
    for (const [value, words] of [...field.options, ["any", "Another size"]]) {
      control.append(new Option(words, value));
    }
    const pair = made("div", "pair");
    const sides = ["Width", "Height"].map((words) => {
      const side = made("input", "box");
      Object.assign(side, { type: "number", min: 16, max: field.most, step: 1, required: true });
      side.setAttribute("aria-label", `${words} in pixels`);
      return side;
    });
    pair.append(sides[0], made("span", "times", "×"), sides[1]);
    element.append(label, control, pair);
    let any = false;
    control.addEventListener("change", () => {
      any = control.value === "any";
      pair.hidden = !any;
      if (!any) change({ [field.key]: control.value }, false);
    });
    for (const side of sides) {
      side.addEventListener("change", () => {
        if (sides.every((each) => each.reportValidity())) {
          change({ [field.key]: sides.map((each) => each.valueAsNumber).join("x") }, false);
        }
      });
    }
    return {
      element,
      show(settings) {
        const size = settings[field.key];
        const known = field.options.some(([value]) => value === size);
        any = any && known ? any : !known;
        control.value = known && !any ? size : "any";
        pair.hidden = !any;
        const [width, height] = size.includes("x") ? size.split("x") : [800, 800];
        if (!sides.some(isActive)) [sides[0].value, sides[1].value] = [width, height];
      },
    };
  },
});

/** One input f(a x + b y + c r + d) with its function, its numbers and a way to remove it. */
function ownInput(field, listed, place, send) {
  const row = made("div", "own");
  const [name, ...numbers] = listed[place].split(":");
  const choice = made("select", "box");
  for (const each of field.functions) choice.append(new Option(each.replaceAll("_", " "), each));
  choice.value = name;
  choice.setAttribute("aria-label", "Function");
  const boxes = ["x", "y", "r", "+"].map((words, at) => {
    const box = made("label", "term");
    const number = made("input", "number");
    Object.assign(number, { type: "number", step: "any", value: Number(numbers[at]) });
    number.setAttribute("aria-label", words === "+" ? "Shift" : `Factor on ${words}`);
    box.append(...(words === "+" ? [made("span", "", "+"), number] : [number, made("span", "", words)]));
    return { box, number };
  });
  const remove = made("button", "remove", "×");
  remove.type = "button";
  remove.setAttribute("aria-label", "Remove this input");
  const say = () => {
    const typed = boxes.map(({ number }) => String(number.valueAsNumber || 0));
    listed[place] = [choice.value, ...typed].join(":");
    send();
  };
  for (const each of [choice, ...boxes.map(({ number }) => number)]) each.addEventListener("change", say);
  remove.addEventListener("click", () => {
    if (listed.length < 2) return;
    listed.splice(place, 1);
    remove.blur();
    send();
  });
  const terms = made("div", "terms");
  terms.append(...boxes.map(({ box }) => box));
  row.append(choice, remove, terms);
  return row;
}

/** Neurons of each layer of a text such as "16*8,4"; null when it is none. */
function readWidths(text) {
  if (!text.trim()) return [];
  const widths = [];
  for (const part of text.split(",")) {
    const found = /^\s*(\d{1,4})(?:\*(\d{1,2}))?\s*$/.exec(part);
    if (!found) return null;
    for (let count = Number(found[2] ?? 1); count > 0; count -= 1) widths.push(Number(found[1]));
  }
  return widths;
}
