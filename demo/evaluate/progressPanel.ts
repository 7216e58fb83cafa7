import type { EvaluationProgress } from 'shelfmate/evaluation';
import { element } from '../dom.js';
import { wholeSeconds, type Page } from './page.js';

type Phase = EvaluationProgress['phase'];

/** What the phases take of the whole, as far as can be told beforehand. */
const SHARES: Readonly<Record<Phase, number>> = { model: 0.03, events: 0.12, test: 0.02, ranking: 0.6, intervals: 0.13, latency: 0.1 };
const PHASES = Object.keys(SHARES) as Phase[];
/** An estimate from less than this is a guess. */
const MIN_ELAPSED_MS = 1_500;

export interface ProgressPanel {
  readonly node: HTMLElement;
  start(): void;
  show(progress: EvaluationProgress): void;
  stop(): void;
}

/** A bar with the phase in hand, what is left of it and of the whole. */
export function createProgressPanel(page: Page): ProgressPanel {
  const { words } = page;
  const bar = element('progress', { max: 1, value: 0, 'aria-label': words.pageTitle });
  const phaseText = element('strong', {});
  const detail = element('span', { class: 'progress-detail' });
  const times = element('span', { class: 'progress-times' });
  const node = element(
    'section',
    { class: 'progress-panel', hidden: true },
    element('div', { class: 'progress-line' }, phaseText, detail, times),
    bar,
  );
  let startMs = 0;
  let phase: Phase | null = null;
  let share = 0;
  let timer = 0;

  function tick(): void {
    const elapsedMs = performance.now() - startMs;
    const leftMs = share > 0.02 && elapsedMs > MIN_ELAPSED_MS ? (elapsedMs * (1 - share)) / share : null;
    const elapsed = words.elapsed(wholeSeconds(page, elapsedMs));
    times.textContent = leftMs === null ? elapsed : `${elapsed} · ${words.remaining(wholeSeconds(page, Math.max(1_000, leftMs)))}`;
  }

  return {
    node,
    start() {
      startMs = performance.now();
      phase = null;
      share = 0;
      bar.value = 0;
      phaseText.textContent = words.phases.model;
      detail.textContent = '';
      node.hidden = false;
      node.scrollIntoView({ block: 'nearest' });
      tick();
      timer = window.setInterval(tick, 500);
    },
    show(progress) {
      const before = PHASES.slice(0, PHASES.indexOf(progress.phase)).reduce((sum, one) => sum + SHARES[one], 0);
      share = Math.max(share, before + SHARES[progress.phase] * progress.done);
      bar.value = share;
      if (progress.phase !== phase) {
        phase = progress.phase;
        phaseText.textContent = words.phases[phase];
        page.announce(words.phases[phase]);
      }
      detail.textContent = progress.detail;
      node.dataset['phase'] = progress.phase;
    },
    stop() {
      clearInterval(timer);
      node.hidden = true;
    },
  };
}
