import type { EvaluationResult } from 'shelfmate/evaluation';

/** What `shelfmate evaluate --json` writes, and the latencies of this device behind it. */
export function toJson({ figures, latencies }: EvaluationResult): string {
  return `${JSON.stringify({ ...figures, latencies }, null, 2)}\n`;
}

/** One figure a line: for spreadsheets. */
export function toCsv({ figures, latencies }: EvaluationResult): string {
  const lines: (string | number | null)[][] = [['part', 'segment', 'model', 'kind', 'figure', 'k', 'value', 'low', 'high']];
  const kindOf = (model: string): string => figures.models[model]!.kind;
  const addResults = (segment: string, results: typeof figures.results): void => {
    for (const [model, estimates] of Object.entries(results))
      for (const [metric, { value, low, high }] of Object.entries(estimates))
        lines.push(['accuracy', segment, model, kindOf(model), ...split(metric), value, low, high]);
  };
  addResults('all', figures.results);
  for (const [segment, { results }] of Object.entries(figures.segments)) addResults(segment, results);
  for (const [model, lists] of Object.entries(figures.lists))
    for (const [figure, value] of Object.entries(lists))
      lines.push(['lists', 'all', model, kindOf(model), ...split(figure), value, null, null]);
  for (const { model, versus, metrics } of figures.comparisons)
    for (const [metric, { difference }] of Object.entries(metrics))
      lines.push([
        'difference',
        'all',
        `${model} - ${versus}`,
        'pair',
        ...split(metric),
        difference.value,
        difference.low,
        difference.high,
      ]);
  for (const { backend, adapter, p50Ms, p95Ms } of latencies) {
    lines.push(['latency', adapter, backend, 'backend', 'p50 ms', null, p50Ms, null, null]);
    lines.push(['latency', adapter, backend, 'backend', 'p95 ms', null, p95Ms, null, null]);
  }
  return `${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** "recall@20" -> "recall" and 20. */
function split(figure: string): [string, number] {
  const at = figure.lastIndexOf('@');
  return [figure.slice(0, at), Number(figure.slice(at + 1))];
}

function cell(value: string | number | null): string {
  if (value === null || Number.isNaN(value)) return '';
  const text = String(value);
  // A spreadsheet would take a name that begins so for a formula.
  const safe = typeof value === 'string' && /^[=+@\t-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Hands a text to the person as a file. */
export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
