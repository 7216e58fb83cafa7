import type { Candidates } from './candidates.js';
import { denseCandidates, scoredCandidates } from './candidates.js';
import type { Ask, Shop } from './shop.js';
import { NotHere } from './shop.js';

const DAY_MS = 86_400_000;

/**
 * Ranks by events per day of late: the folder's rates, and on top what this device counted since, by the same formula
 * (see trends.ts of the trainers): each own event adds 2^(-age / h) ln 2 / h.
 */
export async function trending({ context, tables, history, nowMs }: Shop, { category }: Ask): Promise<Candidates | NotHere> {
  const table = await tables.trends();
  if (!table) return new NotHere('the folder has no trends');
  const { entry, recentRates } = table;
  const { catalog } = context.model;
  const sinceMs = Date.parse(entry.asOf);
  const scores = new Float64Array(catalog.itemCount);
  scores.set(recentRates);
  for (const { itemId, timeMs, event } of history) {
    const row = catalog.indexOf(itemId);
    if (row === undefined || event === 'remove_from_cart' || event === 'search' || timeMs <= sinceMs) continue;
    const halfLives = (nowMs - timeMs) / DAY_MS / entry.halfLifeDays;
    scores[row]! += (2 ** -halfLives * Math.LN2) / entry.halfLifeDays;
  }
  const rankOf = (row: number): number => {
    let rank = 1;
    for (let other = 0; other < scores.length; other++)
      if (scores[other]! > scores[row]! || (scores[other] === scores[row] && other < row)) rank++;
    return rank;
  };
  return denseCandidates('trending', scores, (row, score) => [
    { cause: { kind: 'trending', category, rank: rankOf(row) }, contribution: score },
  ]);
}

/** Ranks by the folder's counts; rows stand in that order. */
export async function popular({ context }: Shop): Promise<Candidates> {
  const { catalog, manifest } = context.model;
  return {
    strategy: 'popular',
    source: (allowed) => {
      const given = allowed.complement();
      let start = 0;
      return {
        next: async (count, open = null) => {
          const rows: number[] = [];
          while (start < catalog.itemCount && given.has(start)) start++;
          for (let row = start; row < catalog.itemCount && rows.length < count; row++)
            if (!given.has(row) && (!open || open.has(row))) rows.push(row);
          for (const row of rows) given.add(row);
          return { rows, scores: rows.map((row) => catalog.popularity(row)) };
        },
      };
    },
    scoreOf: (row) => catalog.popularity(row),
    // Rows of a folder packed without counts stand in the source's order: nothing to claim then.
    explain: (row, score) => (manifest.sortedByPopularity ? [{ cause: { kind: 'popular', rank: row + 1 }, contribution: score }] : []),
  };
}

export const DATE_FIELDS = ['addedAt', 'createdAt', 'publishedAt', 'availableFrom', 'releaseDate', 'dateAdded', 'date'];
/** After so many days an arrival is half as new. */
const HALF_LIFE_DAYS = 14;

/** Ranks by the day an item came, newest first; what lies ahead is not there yet. */
export async function newArrivals({ context, nowMs }: Shop, { dateField }: Ask): Promise<Candidates | NotHere> {
  const { catalog } = context.model;
  const field = dateField ?? DATE_FIELDS.find((name) => catalog.column(name));
  const column = field === undefined ? undefined : catalog.column(field);
  if (!column) return new NotHere(`the catalogue has no field with a date (${DATE_FIELDS.join(', ')}); name it as dateField`);
  const days = new Map<number, number>();
  const scores = new Map<number, number>();
  for (let row = 0; row < catalog.itemCount; row++) {
    const value = column[row];
    const cameMs = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : NaN;
    if (!(cameMs <= nowMs)) continue;
    days.set(row, (nowMs - cameMs) / DAY_MS);
    scores.set(row, 2 ** (-days.get(row)! / HALF_LIFE_DAYS));
  }
  return scoredCandidates('newArrivals', scores, (row, score) => [
    { cause: { kind: 'newArrival', days: days.get(row) ?? null }, contribution: score },
  ]);
}
