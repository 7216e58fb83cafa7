import type { Manifest } from '../core/artifact/manifest.js';
import { readTables, tableBytes } from '../core/artifact/tables/readTables.js';
import { formatBytes, formatCount, plural } from './terminal.js';

/** One line of two cells for each table of a folder. */
export function tableRows(manifest: Manifest): string[][] {
  const { primary, neighbors, trends, content, prototypes } = readTables(manifest);
  const rows = neighbors.map(({ name, kind, algorithm, maxNeighbors, baskets }) => [
    name === primary ? `${name} (ranks)` : name,
    `${kind}: ${algorithm}; at most ${plural(maxNeighbors, 'neighbour')}${baskets ? `; ${formatCount(baskets.count)} baskets (${baskets.source})` : ''}`,
  ]);
  if (trends) rows.push(['trends', `as of ${trends.asOf}, half-life ${trends.halfLifeDays} days, counts of ${trends.windowDays} days`]);
  if (content) {
    const cold = content.coldItems > 0 ? `; ${plural(content.coldItems, 'item')} without events placed by it` : '';
    rows.push([
      'content',
      `${content.algorithm} of ${content.fields.join(', ')}: ${plural(content.dimensions, 'dimension')}, ${plural(content.terms.count, 'term')}${content.factorMap ? `, mapped to ${content.factorMap.model}` : ''}${cold}`,
    ]);
  }
  if (prototypes) {
    rows.push([
      'prototypes',
      `${formatCount(prototypes.count)} groups of at least ${prototypes.minUsers} users; items that at least ${prototypes.minSupport} of them met`,
    ]);
  }
  if (rows.length > 0) rows.push(['', `${formatBytes(tableBytes(manifest))}, read when a strategy asks for them`]);
  return rows;
}

/** The names by which `evaluate` and `inspect` call the tables of a folder. */
export function tableNames(manifest: Manifest): string[] {
  const { neighbors, trends, content, prototypes } = readTables(manifest);
  return [
    ...neighbors.map(({ name }) => name),
    ...(trends ? ['trends'] : []),
    ...(content ? ['content'] : []),
    ...(prototypes ? ['prototypes'] : []),
  ];
}
