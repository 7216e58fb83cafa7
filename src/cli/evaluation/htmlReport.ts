import type { Estimates } from '../../core/metrics/summarizeEvaluation.js';
import { formatCount, formatPercent, formatSeconds, plural } from '../terminal.js';
import { noteText } from '../../core/evaluation/buildTest.js';
import type { EvaluationReport } from '../../core/evaluation/evaluationReport.js';
import { LIST_FIGURES, shownMetrics } from '../../core/evaluation/evaluationReport.js';
import { barChart, escapeHtml } from './svgChart.js';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1f24; --soft: #5c6470; --line: #d9dde3; --bar: #2364aa; --pale: #a9bdd6; --ground: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a2abb8; --line: #3a414c; --bar: #6ea8fe; --pale: #47597a; --ground: #15181d; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
.pair { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
svg { max-width: 100%; height: auto; font-size: 12px; } svg text { fill: var(--ink); } svg .tick { fill: var(--soft); font-size: 11px; }
.grid { stroke: var(--line); } .bar { fill: var(--bar); } .pale { fill: var(--pale); } .whisker { stroke: var(--ink); stroke-width: 1.3; fill: none; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } caption { text-align: left; color: var(--soft); }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; } th:first-child, td:first-child { text-align: left; }
.scroll { overflow-x: auto; max-width: 100%; } p, dt { color: var(--soft); } .note { border-left: 4px solid #d08700; padding-left: .8rem; color: var(--ink); }
`;

/** Writes an evaluation as one page: plots drawn in it, a table beside each, nothing fetched from anywhere. */
export function htmlReport(report: EvaluationReport): string {
  const { summary, scores, manifest, cutoffs } = report;
  const title = `${manifest.name}: ${report.protocol}`;
  const k = cutoffs.at(-1)!;
  const metrics = shownMetrics(report);
  const isBaseline = (name: string): boolean => scores.find((score) => score.name === name)?.kind === 'baseline';
  const section = (heading: string, metric: string, results: Readonly<Record<string, Estimates>>, note = ''): string => {
    const bars = Object.entries(results).map(([label, estimates]) => ({
      label,
      estimate: estimates[metric]!,
      isBaseline: isBaseline(label),
    }));
    const rows = bars.map(({ label, estimate: { value, low, high } }) => [label, value.toFixed(4), low.toFixed(4), high.toFixed(4)]);
    return `<h2>${escapeHtml(heading)}</h2>${note && `<p>${escapeHtml(note)}</p>`}<div class="pair">${barChart(heading, bars)}${table(['model', metric, 'from', 'to'], rows)}</div>`;
  };
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<h1>${escapeHtml(title)}</h1>
<p>Revision ${escapeHtml(manifest.revision)}, ${plural(manifest.itemCount, 'item')}. ${plural(summary.cases, 'question')}, all items ranked, seen ones ${report.excludeSeen ? 'left out' : 'may come again'}; baselines learned from ${plural(report.trainEvents, 'event')}. ${formatSeconds(report.totalMs)}.
Intervals: 95 %, from ${formatCount(report.resamples)} resamples of ${formatCount(summary.groups)} users or sessions.</p>
${report.notes.map((note) => `<p class="note">${escapeHtml(noteText(note))}</p>`).join('\n')}
${['recall', 'ndcg', 'mrr'].map((metric) => section(`${metric}@${k}`, `${metric}@${k}`, summary.results)).join('\n')}
<h2>All measures</h2>
${table(
  ['model', ...metrics],
  scores.map(({ name }) => [name, ...metrics.map((metric) => summary.results[name]![metric]!.value.toFixed(4))]),
)}
${Object.entries(summary.segments)
  .filter(([, { cases }]) => cases < summary.cases)
  .map(([name, { definition, cases, results }]) =>
    section(`recall@${k}, ${name}`, `recall@${k}`, results, `${plural(cases, 'case')}: ${definition}.`),
  )
  .join('\n')}
${LIST_FIGURES.map(([key, label, explanation]) => listSection(report, `${key}@${k}`, label, explanation)).join('\n')}
${comparisonSection(report, `recall@${k}`)}
</html>
`;
}

function listSection({ scores }: EvaluationReport, key: string, label: string, explanation: string): string {
  const known = scores.filter(({ lists }) => typeof lists[key] === 'number');
  if (known.length === 0) return '';
  const bars = known.map(({ name, kind, lists }) => {
    const value = lists[key]!;
    return { label: name, estimate: { value, low: value, high: value }, isBaseline: kind === 'baseline' };
  });
  const rows = bars.map(({ label: name, estimate }) => [name, estimate.value.toFixed(4)]);
  return `<h2>${escapeHtml(label)}</h2><p>${escapeHtml(explanation)}</p><div class="pair">${barChart(label, bars)}${table(['model', label], rows)}</div>`;
}

function comparisonSection({ summary }: EvaluationReport, metric: string): string {
  if (summary.comparisons.length === 0) return '';
  const rows = summary.comparisons.map(({ model, versus, metrics }) => {
    const { difference, wins, losses } = metrics[metric]!;
    return [
      `${model} - ${versus}`,
      difference.value.toFixed(4),
      difference.low.toFixed(4),
      difference.high.toFixed(4),
      formatPercent(wins),
      formatPercent(losses),
    ];
  });
  return `<h2>Side by side, the same questions</h2>${table(['pair', `${metric}, difference`, 'from', 'to', 'better in', 'worse in'], rows)}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll"><table>${cells('th', header)}${rows.map((row) => cells('td', row)).join('')}</table></div>`;
}
