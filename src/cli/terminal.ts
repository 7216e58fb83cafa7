import type { CliIo, TextOut } from './cliIo.js';

export { formatCount, formatPercent, oneLine, plural } from '../core/plainWords.js';

const STYLES = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const;
export type Style = keyof typeof STYLES;

/** Returns a function that colours text, or leaves it alone where colours are not wanted (no terminal, NO_COLOR). */
export function painter(io: CliIo, out: TextOut): (style: Style, text: string) => string {
  const isColoured = out.isTTY === true && !io.env['NO_COLOR'];
  return (style, text) => (isColoured ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${kib.toFixed(kib < 10 ? 1 : 0)} KiB` : `${(kib / 1024).toFixed(kib < 10_240 ? 2 : 1)} MiB`;
}

export function formatSeconds(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Sets cells in columns, two spaces apart; columns named in `right` are flush right. No trailing spaces. */
export function layoutTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
