// Small helpers for making elements.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [properties] Properties; names with a dash are attributes, and
 *   names beginning with "on" listen to events.
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, String(value));
    else Object.assign(element, { [name]: value });
  }
  element.append(...children); // text stays text, whatever it says
  return element;
}

let numbers = 0;

/**
 * A labelled control.
 * @param {string} label
 * @param {HTMLElement} control
 */
export function labelled(label, control) {
  control.id ||= `nn-pg-${numbers++}`;
  return make("div", { className: "nn-pg__field" }, make("label", { for: control.id }, label), control);
}

/**
 * @param {string} label
 * @param {[string, string][]} options Value and what is shown.
 * @param {(value: string) => void} change
 */
export function select(label, options, change) {
  const control = make("select", { onchange: () => change(control.value) });
  control.append(...options.map(([value, text]) => make("option", { value }, text)));
  return { field: labelled(label, control), control };
}

/**
 * @param {string} label
 * @param {{ min: number, max: number, step: number, unit?: string }} range
 * @param {(value: number) => void} change Called when the slider is let go of.
 */
export function slider(label, { min, max, step, unit = "" }, change) {
  const shown = make("output", { className: "nn-pg__shown" });
  const control = make("input", {
    type: "range", min, max, step,
    oninput: () => (shown.textContent = control.value + unit),
    onchange: () => change(control.valueAsNumber),
  });
  const field = labelled(label, control);
  field.append(shown);
  const set = (/** @type {number} */ value) => {
    control.value = String(value);
    shown.textContent = control.value + unit;
  };
  return { field, control, set };
}

/**
 * @param {string} label
 * @param {{ min: number, max: number, step: number | "any" }} range
 * @param {(value: number) => void} change
 */
export function number(label, range, change) {
  const control = make("input", {
    type: "number", ...range,
    onchange: () => {
      const good = control.value !== "" && Number.isFinite(control.valueAsNumber);
      control.toggleAttribute("aria-invalid", !good);
      if (good) change(control.valueAsNumber);
    },
  });
  return { field: labelled(label, control), control };
}

/** @param {string} label @param {() => void} press @param {Record<string, unknown>} [more] */
export function button(label, press, more = {}) {
  return make("button", { type: "button", className: "nn-pg__button", onclick: press, ...more }, label);
}

/** @param {string} label @param {(on: boolean) => void} change */
export function checkbox(label, change) {
  const control = make("input", { type: "checkbox", onchange: () => change(control.checked) });
  control.id = `nn-pg-${numbers++}`;
  const field = make("div", { className: "nn-pg__check" }, control, make("label", { for: control.id }, label));
  return { field, control };
}

/** Three or four digits, whatever the size. @param {number} value */
export function short(value) {
  if (!Number.isFinite(value)) return "not a number";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.0001 || size >= 100_000)) return value.toExponential(2).replace(/-/g, "−").replace("e+", "e");
  return value.toFixed(size >= 1000 ? 0 : size >= 10 ? 2 : 4).replace("-", "−");
}
