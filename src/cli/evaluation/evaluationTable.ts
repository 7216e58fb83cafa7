import type { Estimate } from '../../core/metrics/bootstrap.js';
import type { CliIo } from '../cliIo.js';
import { formatBytes, formatCount, formatPercent, formatSeconds, layoutTable, painter, plural } from '../terminal.js';
import { noteText } from '../../core/evaluation/buildTest.js';
import type { EvaluationReport } from '../../core/evaluation/evaluationReport.js';
import { LIST_FIGURES, shownMetrics } from '../../core/evaluation/evaluationReport.js';
import { modelBytes } from '../../core/artifact/manifest.js';

const BAR_WIDTH = 16;
const EIGHTHS = ' ▏▎▍▌▋▊▉';

/** What a person reads after an evaluation. */
export function evaluationTable(report: EvaluationReport, io: CliIo): string {
  const paint = painter(io, io.stdout);
  const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`.trimEnd());
  const { summary, manifest, scores } = report;
  const names = scores.map(({ name }) => name);
  const metrics = shownMetrics(report);
  const main = mainMetric(report);
  const segments = Object.entries(summary.segments).filter(([, segment]) => segment.cases < summary.cases);
  const k = report.cutoffs.at(-1)!;
  const figures = LIST_FIGURES.filter(([key]) => scores.some(({ lists }) => typeof lists[`${key}@${k}`] === 'number'));
  return [
    '',
    paint('bold', `${manifest.name} on ${report.testPath ?? report.eventsPath}: ${report.protocol}`),
    '',
    ...indent(layoutTable(factRows(report))),
    '',
    ...indent(accuracyTable(report, metrics, main, paint)),
    '',
    `  ± is half of the 95 % interval (${formatCount(report.resamples)} resamples of ${formatCount(summary.groups)} users or sessions); ${main} as bars; models above, baselines below the line.`,
    ...(segments.length > 0
      ? [
          '',
          paint('bold', `${main} by segment`),
          ...indent(
            layoutTable(
              [
                ['', ...segments.map(([name]) => name)],
                ['cases', ...segments.map(([, { cases }]) => formatCount(cases))],
                ...names.map((name) => [name, ...segments.map(([, { results }]) => short(results[name]![main]!.value))]),
              ],
              segments.map((_, i) => i + 1),
            ),
          ),
          ...segments.map(([name, { definition }]) => paint('dim', `  ${name}: ${definition}`)),
        ]
      : []),
    '',
    paint('bold', `The lists themselves, first ${k}`),
    ...indent(
      layoutTable(
        [
          ['', ...figures.map(([, label]) => label), 'lists/s'],
          ...scores.map(({ name, lists, rankMs }) => [
            name,
            ...figures.map(([key]) => shownFigure(key, lists[`${key}@${k}`] ?? null)),
            rankMs > 0 ? formatCount((1000 * summary.cases) / rankMs) : '-',
          ]),
        ],
        [1, 2, 3, 4, 5, 6],
      ),
    ),
    ...comparisonLines(report, main, paint),
    ...(report.notes.length > 0 ? [''] : []),
    ...report.notes.map((note) => `${paint('yellow', 'Note')}: ${noteText(note)}`),
    '',
  ].join('\n');
}

/** The measure that bars, segments and the verdict show: recall at the longest cutoff. */
export function mainMetric({ cutoffs }: EvaluationReport): string {
  return `recall@${cutoffs.at(-1)!}`;
}

type Paint = ReturnType<typeof painter>;

function factRows(report: EvaluationReport): string[][] {
  const { summary, manifest, eligibleCount } = report;
  const drawn = summary.cases < eligibleCount ? `, drawn from ${formatCount(eligibleCount)}` : '';
  return [
    [
      'Folder',
      `${report.folder}, revision ${manifest.revision}, ${plural(manifest.itemCount, 'item')}, ${formatBytes(modelBytes(manifest))}`,
    ],
    ...(report.compared === null ? [] : [['Beside', report.compared]]),
    ['Learned', `baselines from ${plural(report.trainEvents, 'event')} of ${report.eventsPath} (${report.eventsFormat})`],
    [
      'Asked',
      `${plural(summary.cases, 'question')}${drawn}; all items ranked, seen ones ${report.excludeSeen ? 'left out' : 'may come again'}; ${formatSeconds(report.totalMs)}`,
    ],
  ];
}

function accuracyTable(report: EvaluationReport, metrics: readonly string[], main: string, paint: Paint): string[] {
  const { results } = report.summary;
  const largest = Math.max(...Object.values(results).map((estimates) => estimates[main]!.value), 1e-12);
  const best = new Map(metrics.map((metric) => [metric, Math.max(...Object.values(results).map((estimates) => estimates[metric]!.value))]));
  const rows = report.scores.map(({ name }) => [name, ...metrics.map((metric) => withMargin(results[name]![metric]!)), '']);
  const lines = layoutTable(
    [['', ...metrics, ''], ...rows],
    metrics.map((_, i) => i + 1),
  );
  const width = Math.max(...lines.map((line) => line.length));
  const firstBaseline = report.scores.findIndex(({ kind }) => kind === 'baseline');
  return lines.flatMap((line, at) => {
    if (at === 0) return [paint('dim', line)];
    const { name, kind } = report.scores[at - 1]!;
    const value = results[name]![main]!.value;
    let text = line.padEnd(width);
    // Each figure is painted where it stands, last first, so that positions stay right.
    for (const metric of metrics.toReversed()) {
      const estimate = results[name]![metric]!;
      if (estimate.value !== best.get(metric) || estimate.value === 0) continue;
      const cell = withMargin(estimate);
      const from = columnEnd(lines[0]!, metric) - cell.length;
      if (from > 0) text = text.slice(0, from) + paint('bold', cell) + text.slice(from + cell.length);
    }
    const painted = `${text}  ${paint(kind === 'model' ? 'green' : 'dim', bar(value / largest))}`;
    return at - 1 === firstBaseline && at > 1 ? [paint('dim', '─'.repeat(width)), painted] : [painted];
  });
}

function columnEnd(header: string, metric: string): number {
  return header.indexOf(metric) + metric.length;
}

function comparisonLines({ summary, scores }: EvaluationReport, main: string, paint: Paint): string[] {
  const isModel = new Set(scores.filter(({ kind }) => kind === 'model').map(({ name }) => name));
  const bestBaseline = scores
    .filter(({ kind }) => kind === 'baseline')
    .reduce<string | null>(
      (best, { name }) => (best === null || summary.results[name]![main]!.value > summary.results[best]![main]!.value ? name : best),
      null,
    );
  const shown = summary.comparisons.filter(({ versus }) => isModel.has(versus) || versus === bestBaseline);
  if (shown.length === 0) return [];
  const lines = shown.map(({ model, versus, metrics }) => {
    const { difference, wins, losses } = metrics[main]!;
    const verdict = difference.low > 0 ? paint('green', 'better') : difference.high < 0 ? paint('red', 'worse') : 'not told apart';
    return `  ${model} - ${versus}: ${main} ${signed(difference.value)} (${signed(difference.low)} .. ${signed(difference.high)}), ${verdict}; better in ${formatPercent(wins)} of the cases, worse in ${formatPercent(losses)}`;
  });
  return ['', paint('bold', 'Side by side, the same questions'), ...lines];
}

function shownFigure(key: string, value: number | null): string {
  if (value === null) return '-';
  return key === 'novelty' ? value.toFixed(2) : formatPercent(value);
}

function withMargin({ value, low, high }: Estimate): string {
  return `${short(value)} ±${short((high - low) / 2)}`;
}

/** .1324: the leading zero says nothing. */
function short(value: number): string {
  return value.toFixed(4).replace(/^(-?)0\./, '$1.');
}

function signed(value: number): string {
  return value < 0 ? short(value) : `+${short(value)}`;
}

function bar(share: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * BAR_WIDTH * 8);
  return '█'.repeat(eighths >> 3) + (eighths & 7 ? EIGHTHS[eighths & 7]! : '');
}
