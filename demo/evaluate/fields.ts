import { element, type Child } from '../dom.js';

/** A labelled control; the help below it is read with it. */
export function field(id: string, label: string, control: HTMLInputElement | HTMLSelectElement, help?: HTMLElement): HTMLElement {
  control.id = id;
  control.setAttribute('name', id);
  if (help) {
    help.id = `${id}-help`;
    control.setAttribute('aria-describedby', help.id);
  }
  return element('div', { class: 'field' }, element('label', { for: id }, label), control, help);
}

export function select(options: Readonly<Record<string, string>>, onchange?: () => void): HTMLSelectElement {
  const choices = Object.entries(options).map(([value, label]) => element('option', { value }, label));
  return element('select', { ...(onchange && { onchange }) }, ...choices);
}

/** Several to be ticked. */
export function checkboxes(name: string, legend: string, values: readonly string[]): { node: HTMLElement; checked(): string[] } {
  const inputs = values.map((value) => element('input', { type: 'checkbox', name, value, checked: true }));
  const node = element(
    'fieldset',
    { class: 'field checks' },
    element('legend', {}, legend),
    ...inputs.map((input): Child => element('label', {}, input, input.value)),
  );
  return { node, checked: () => inputs.filter((input) => input.checked).map((input) => input.value) };
}
