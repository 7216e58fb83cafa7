import type { App, View } from '../app.js';
import { element } from '../dom.js';
import { answerHead, answerList } from '../rules/rulesAnswer.js';
import { callCode, type RuleChoices, toOptions } from '../rules/ruleChoices.js';
import { createRulesForm } from '../rules/rulesForm.js';
import { createStockPanel } from '../rules/stockPanel.js';

const FIRST: RuleChoices = {
  start: 'personal',
  category: null,
  priceMin: null,
  priceMax: null,
  brandCap: null,
  diversity: 0,
  inStockOnly: true,
  boostBrand: null,
  boostFactor: 1.5,
};

/** The playground: rules on the left, the call that they make and its answer on the right. */
export function createRulesView(app: App): View {
  const { connection } = app;
  const words = app.words.rules;
  let choices = FIRST;
  let latest = 0;
  const code = element('code', {});
  const said = element('p', { class: 'answer-head', role: 'status' });
  const answer = element('div', { class: 'answer', 'aria-busy': 'true' });
  const stock = createStockPanel(app);
  const form = createRulesForm(app, (next) => {
    choices = next;
    void refresh();
  });

  async function refresh(): Promise<void> {
    const turn = ++latest;
    const options = toOptions(choices);
    code.textContent = callCode(options);
    answer.setAttribute('aria-busy', 'true');
    try {
      let startedMs = 0;
      const list = await connection.list((recommender) => {
        startedMs = performance.now();
        return recommender.recommend(options);
      });
      if (turn !== latest) return;
      said.replaceChildren(...answerHead(app, list, performance.now() - startedMs));
      answer.replaceChildren(answerList(app, list));
      stock.setFirst(list.items[0]?.item ?? null);
    } catch (error) {
      if (turn !== latest) return;
      said.replaceChildren();
      answer.replaceChildren(element('p', { class: 'empty', role: 'alert' }, error instanceof Error ? error.message : String(error)));
      stock.setFirst(null);
    }
    answer.setAttribute('aria-busy', 'false');
  }
  void refresh();
  const node = element(
    'div',
    { class: 'view' },
    element('h1', {}, words.title),
    element('p', { class: 'lead' }, words.lead),
    element(
      'div',
      { class: 'rules' },
      element('div', { class: 'rules-side' }, form, stock.node),
      element(
        'div',
        { class: 'rules-main' },
        element('h2', {}, words.call),
        element('pre', { class: 'call', tabindex: 0, 'aria-label': words.call }, code),
        element('h2', {}, words.answer),
        said,
        answer,
      ),
    ),
  );
  return { title: words.title, node, close: connection.onLists(() => void refresh()) };
}
