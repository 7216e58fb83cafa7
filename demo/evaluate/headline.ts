import type { EvaluationResult } from 'shelfmate/evaluation';
import { element, icon } from '../dom.js';
import { modelLabel, numberText, secondsText, type Page } from './page.js';

const DOTS = 100;

/** The answer in one sentence, drawn as hundred dots, with the best simple rule beside it. */
export function createHeadline(page: Page, { figures, notes, backend }: EvaluationResult): HTMLElement {
  const { words } = page;
  const k = figures.cutoffs.at(-1)!;
  const metric = `hr@${k}`;
  const byKind = (kind: 'model' | 'baseline'): string[] =>
    Object.keys(figures.models).filter((name) => figures.models[name]!.kind === kind);
  const share = (name: string): number => figures.results[name]![metric]!.value;
  const best = (names: readonly string[]): string | undefined =>
    names.reduce<string | undefined>((top, name) => (top === undefined || share(name) > share(top) ? name : top), undefined);
  const model = best(byKind('model'));
  const rule = best(byKind('baseline'));
  const shown = model ?? rule!;
  const hits = (name: string): string => hundredText(page, share(name));
  const sentences = [words.hundred[figures.protocol](hits(shown), numberText(page, k))];
  if (shown !== 'popularity' && figures.results['popularity']) sentences.push(words.bestsellers(hits('popularity')));
  const verdict = model && rule ? verdictOf(page, figures, model, rule, metric, hits(rule)) : null;
  const dots = [shown, ...new Set([rule, 'popularity'])].filter(
    (name, at, all): name is string => name !== undefined && figures.results[name] !== undefined && all.indexOf(name) === at,
  );
  return element(
    'section',
    { class: 'card headline', 'data-section': 'headline' },
    element('h2', { tabindex: -1 }, sentences.join(words === page.words && page.language === 'zh' ? '' : ' ')),
    verdict ? element('p', { class: 'verdict' }, verdict) : null,
    element(
      'div',
      { class: 'hundreds' },
      ...dots.map((name) => hundred(words.dots(modelLabel(page, name), hits(name)), share(name), name === shown && model !== undefined)),
    ),
    ...notes.map(({ kind, count }) =>
      element('p', { class: 'note', 'data-note': kind }, icon('question'), words.notes[kind](numberText(page, count))),
    ),
    facts(page, figures, backend),
  );
}

function hundredText(page: Page, share: number): string {
  const count = Math.round(DOTS * share);
  return count === 0 && share > 0 ? page.words.fewerThanOne : numberText(page, count);
}

function verdictOf(
  page: Page,
  { comparisons }: EvaluationResult['figures'],
  model: string,
  rule: string,
  metric: string,
  hits: string,
): string | null {
  const difference = comparisons.find((one) => one.model === model && one.versus === rule)?.metrics[metric]?.difference;
  if (!difference) return null;
  const name = modelLabel(page, rule);
  if (difference.low > 0) return page.words.better(name, hits);
  return difference.high < 0 ? page.words.worse(name, hits) : page.words.same(name, hits);
}

function hundred(label: string, share: number, isModel: boolean): HTMLElement {
  const filled = Math.round(DOTS * share);
  return element(
    'figure',
    { class: isModel ? 'hundred' : 'hundred pale' },
    element(
      'div',
      { class: 'dots', 'aria-hidden': 'true' },
      ...Array.from({ length: DOTS }, (_, at) => element('span', { class: at < filled ? 'hit' : undefined })),
    ),
    element('figcaption', {}, label),
  );
}

function facts(page: Page, figures: EvaluationResult['figures'], { name, adapter }: EvaluationResult['backend']): HTMLElement {
  const { words } = page;
  const drawn = figures.cases < figures.eligibleCases ? ` ${words.facts.of(numberText(page, figures.eligibleCases))}` : '';
  const rows: [string, string][] = [
    [words.facts.folder, `${figures.folder.name} · ${figures.folder.revision}`],
    [words.facts.questions, numberText(page, figures.cases) + drawn],
    [words.facts.items, numberText(page, figures.folder.items)],
    [words.facts.learned, `${numberText(page, figures.events.trainingEvents)} (${figures.events.format})`],
    [words.facts.ranked, adapter ? `${name} (${adapter})` : name],
    [words.facts.time, secondsText(page, figures.seconds)],
  ];
  return element(
    'dl',
    { class: 'run-facts' },
    ...rows.map(([term, text]) => element('div', {}, element('dt', {}, term), element('dd', {}, text))),
  );
}
