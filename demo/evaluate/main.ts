import type { RecommenderError } from 'shelfmate/evaluation';
import { element } from '../dom.js';
import { createLanguageButton } from '../languageButton.js';
import { readSettings } from '../settings.js';
import type { Page } from './page.js';
import { createProgressPanel } from './progressPanel.js';
import { createResults } from './results.js';
import type { Chosen } from './setupForm.js';
import { createSetupForm } from './setupForm.js';
import { EVALUATE_TEXTS } from './texts.js';

const root = document.documentElement;
const { language } = readSettings(new URL(location.href), navigator.language);
const words = EVALUATE_TEXTS[language];
root.lang = language === 'zh' ? 'zh-CN' : 'en';
document.title = `${words.pageTitle} | Shelfmate`;

const status = element('p', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite', id: 'status' });
const page: Page = { language, words, announce: (message) => void (status.textContent = message) };

let running: AbortController | null = null;
const progress = createProgressPanel(page);
const failure = element('section', { class: 'failure', role: 'alert', hidden: true });
const results = element('div', { class: 'results' });
const form = createSetupForm(page, new URL(location.href).searchParams.get('model'), {
  run: (chosen) => void run(chosen),
  cancel: () => running?.abort(),
});

async function run(chosen: Chosen): Promise<void> {
  if (running) return;
  running = new AbortController();
  failure.hidden = true;
  results.replaceChildren();
  form.say(null);
  form.setRunning(true);
  progress.start();
  root.dataset['state'] = 'running';
  try {
    // Loaded when it is needed, so that the page opens at once and can say what is missing.
    const { evaluateFolder } = await import('shelfmate/evaluation');
    const result = await evaluateFolder({ ...chosen, signal: running.signal, onProgress: progress.show });
    results.replaceChildren(createResults(page, result, chosen));
    root.dataset['state'] = 'done';
    page.announce(words.done);
    (results.querySelector('h2') as HTMLElement).focus({ preventScroll: true });
    results.scrollIntoView({ behavior: 'smooth', block: 'start' });
  } catch (error) {
    fail(error);
  } finally {
    running = null;
    progress.stop();
    form.setRunning(false);
    if (root.dataset['state'] !== 'done') form.focus();
  }
}

function fail(error: unknown): void {
  const { code = 'worker/failed', message = String(error) } = (error ?? {}) as Partial<RecommenderError>;
  if (code === 'call/aborted') {
    root.dataset['state'] = 'idle';
    form.say(words.cancelled);
    return;
  }
  root.dataset['state'] = 'error';
  const help = /^(artifact|model)\//.test(code)
    ? words.failedHelp.model
    : code === 'input/bad-file'
      ? words.failedHelp.events
      : words.failedHelp.other;
  failure.replaceChildren(
    element('strong', {}, words.failed),
    element('p', {}, help),
    element('p', { class: 'failure-message', lang: 'en' }, message, ' ', element('code', {}, code)),
  );
  failure.hidden = false;
  failure.scrollIntoView({ block: 'nearest' });
}

/** Dropped beside a field, a file must not replace the page. */
for (const name of ['dragover', 'drop'] as const) addEventListener(name, (event) => event.preventDefault());

document.body.replaceChildren(
  element('a', { class: 'skip', href: '#main' }, words.skip),
  element(
    'header',
    { class: 'site-header' },
    element(
      'div',
      { class: 'header-row' },
      element(
        'a',
        { class: 'logo', href: `./?lang=${language}` },
        element('span', { class: 'logo-mark', 'aria-hidden': 'true' }),
        element('span', { class: 'logo-name' }, 'Shelfmate', element('small', {}, words.pageTitle)),
      ),
      element('a', { class: 'header-link', href: `./?lang=${language}` }, words.backToShop),
      createLanguageButton(language, words.otherLanguage),
    ),
  ),
  element(
    'main',
    { id: 'main', tabindex: -1 },
    element('div', { class: 'evaluate-head' }, element('h1', {}, words.title), element('p', { class: 'lead' }, words.lead)),
    form.node,
    progress.node,
    failure,
    results,
  ),
  status,
);
