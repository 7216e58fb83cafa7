import type { EvaluationResult } from 'shelfmate/evaluation';
import { element } from '../dom.js';
import { download, toCsv, toJson } from './exportFigures.js';
import { accuracySection, listsSection, segmentsSection, versusSection } from './figureSections.js';
import { createHeadline } from './headline.js';
import { latencySection } from './latencySection.js';
import type { Page } from './page.js';
import type { Chosen } from './setupForm.js';

/** All that a run came to. */
export function createResults(page: Page, result: EvaluationResult, chosen: Chosen): DocumentFragment {
  const { figures, latencies } = result;
  const fragment = document.createDocumentFragment();
  const sections = [
    createHeadline(page, result),
    accuracySection(page, figures),
    segmentsSection(page, figures),
    versusSection(page, figures),
    listsSection(page, figures),
    latencySection(page, latencies),
    exportSection(page, result, chosen),
  ];
  fragment.append(...sections.filter((section) => section !== null));
  return fragment;
}

function exportSection(page: Page, result: EvaluationResult, chosen: Chosen): HTMLElement {
  const { words } = page;
  const name = `evaluation-${result.figures.folder.name.replace(/[^\p{L}\p{N}]+/gu, '-').toLowerCase()}-${result.figures.protocol}`;
  const command = commandLine(page, chosen);
  const copy = element(
    'button',
    {
      class: 'button quiet small',
      type: 'button',
      onclick: () =>
        void navigator.clipboard.writeText(command).then(
          () => ((copy.textContent = words.copied), page.announce(words.copied)),
          () => {},
        ),
    },
    words.copy,
  );
  return element(
    'section',
    { class: 'card', 'data-section': 'export' },
    element('h2', {}, words.exportTitle),
    element(
      'div',
      { class: 'export-tools' },
      element(
        'button',
        {
          class: 'button',
          type: 'button',
          'data-action': 'export-json',
          onclick: () => download(`${name}.json`, 'application/json', toJson(result)),
        },
        words.exportJson,
      ),
      element(
        'button',
        {
          class: 'button quiet',
          type: 'button',
          'data-action': 'export-csv',
          onclick: () => download(`${name}.csv`, 'text/csv', toCsv(result)),
        },
        words.exportCsv,
      ),
    ),
    element('p', { class: 'section-note' }, words.sameCommand),
    element('div', { class: 'command' }, element('code', { tabindex: 0 }, command), copy),
  );
}

/** How `shelfmate evaluate` is asked the same. */
function commandLine({ words }: Page, chosen: Chosen): string {
  const quoted = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
  const nameOf = (source: File | string | URL): string => (source instanceof File ? source.name : String(source));
  const { model, events, test, protocol, at, models, columns, seen, targets, testDays, testShare, maxCases } = chosen;
  const folder = typeof model === 'string' || model instanceof URL ? String(model) : words.yourModel;
  const columnPairs = Object.entries(columns ?? {}).map(([role, column]) => `${role}=${column}`);
  const isFile = events instanceof File;
  const options: (string | false)[] = [
    `--events ${quoted(isFile ? nameOf(events) : nameOf(events).split('/').at(-1)!)}`,
    test !== undefined && `--test ${quoted(nameOf(test))}`,
    `--protocol ${protocol}`,
    protocol === 'temporal' && `--targets ${targets} --test-days ${testDays}`,
    protocol === 'session-prefixes' && test === undefined && `--test-share ${testShare}`,
    `--at ${[...(at ?? [])].join(',')}`,
    models !== undefined && `--models ${quoted(models.join(','))}`,
    columnPairs.length > 0 && `--columns ${quoted(columnPairs.join(','))}`,
    seen !== undefined && `--seen ${seen}`,
    maxCases !== undefined && `--max-cases ${maxCases}`,
    '--json figures.json',
  ];
  return `npx shelfmate evaluate ${quoted(folder)} ${options.filter(Boolean).join(' ')}`;
}
