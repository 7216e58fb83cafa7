import { type App, categoryOf, numberText } from '../app.js';
import { element } from '../dom.js';
import { type RuleChoices, STARTS } from './ruleChoices.js';

const CAPS = [1, 2, 3];
const FACTORS = [1.5, 2, 3];

/** The controls; `onChange` is told the choices whenever one changes. */
export function createRulesForm(app: App, onChange: (choices: RuleChoices) => void): HTMLFormElement {
  const words = app.words.rules;
  const read = (): void => onChange(choices());
  const option = (value: string, label: string): HTMLOptionElement => element('option', { value }, label);
  const field = (id: string, label: string, ...controls: readonly (HTMLElement | string)[]): HTMLElement =>
    element('div', { class: 'rule' }, element('label', { for: id }, label), element('span', { class: 'rule-control' }, ...controls));
  const number = (id: string, label?: string): HTMLInputElement =>
    element('input', { id, type: 'number', min: 0, step: 10, inputmode: 'numeric', 'aria-label': label });

  const start = element('select', { id: 'rule-start' }, ...STARTS.map((name) => option(name, words.starts[name])));
  const category = element(
    'select',
    { id: 'rule-category' },
    option('', words.everything),
    ...app.catalogue.categories().map((name) => option(name, categoryOf(app, name))),
  );
  const priceMin = number('rule-price-min');
  const priceMax = number('rule-price-max', words.priceTo);
  const cap = element('select', { id: 'rule-cap' }, option('', words.noCap), ...CAPS.map((max) => option(String(max), String(max))));
  const diversity = element('input', { id: 'rule-diversity', type: 'range', min: 0, max: 1, step: 0.1, value: 0 });
  const diversityText = element('output', { for: 'rule-diversity' }, '0');
  const inStock = element('input', { id: 'rule-stock', type: 'checkbox', checked: true });
  const brands = [...new Set(app.catalogue.items.flatMap(({ brand }) => brand ?? []))].sort();
  const boost = element('select', { id: 'rule-boost' }, option('', words.noBoost), ...brands.map((brand) => option(brand, brand)));
  const factor = element(
    'select',
    { id: 'rule-factor', 'aria-label': words.boostBy, disabled: true },
    ...FACTORS.map((value) => option(String(value), `× ${numberText(app, value, value % 1 ? 1 : 0)}`)),
  );

  const orNull = (input: HTMLInputElement | HTMLSelectElement): number | null => (input.value === '' ? null : Number(input.value));
  function choices(): RuleChoices {
    diversityText.textContent = numberText(app, Number(diversity.value), 1);
    factor.disabled = boost.value === '';
    return {
      start: STARTS.find((name) => name === start.value) ?? 'personal',
      category: category.value || null,
      priceMin: orNull(priceMin),
      priceMax: orNull(priceMax),
      brandCap: orNull(cap),
      diversity: Number(diversity.value),
      inStockOnly: inStock.checked,
      boostBrand: boost.value || null,
      boostFactor: Number(factor.value),
    };
  }
  return element(
    'form',
    {
      class: 'rules-form',
      'aria-label': words.form,
      oninput: read,
      onsubmit: (event) => event.preventDefault(),
      // The controls have their first values after this event.
      onreset: () => setTimeout(read),
    },
    field('rule-start', words.start, start),
    field('rule-category', words.category, category),
    field('rule-price-min', words.priceFrom, priceMin, element('span', {}, words.priceTo), priceMax),
    field('rule-cap', words.brandCap, cap),
    field('rule-boost', words.boost, boost, factor),
    field('rule-diversity', words.diversity, diversity, diversityText),
    field('rule-stock', words.inStock, inStock),
    element('button', { class: 'button quiet', type: 'reset' }, words.reset),
  );
}
