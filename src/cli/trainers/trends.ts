import type { TrendTableInput } from '../../core/artifact/tables/trendTable.js';
import { EVENT_NAMES } from '../../core/types.js';
import type { UserEvents } from '../../core/events/interactionLog.js';

export interface TrendOptions {
  readonly halfLifeDays: number;
  readonly priorEvents: number;
  /** Events after this time come from clocks that run ahead and are left out. */
  readonly latestMs: number;
}

const DAY_MS = 86_400_000;
/** The earlier rate looks back so many times as far. */
const EARLIER = 4;

/**
 * Measures how items do of late, as of the newest event. With R = Σ 2^(-age / h), E = Σ 2^(-age / 4h) over an item's events, their sums
 * R*, E* over the shop and ρ = R* / E*:
 *
 *   trend = (R + m ρ) / (E + m) / ρ,   recent rate = R ln 2 / h per day
 *
 * so an item with few events stays near 1, the shop's own pace. Null when the log spans no time.
 */
export function measureTrends(
  { itemCount, items, timesMs, kinds }: UserEvents,
  { halfLifeDays, priorEvents, latestMs }: TrendOptions,
): TrendTableInput | null {
  const isCounted = EVENT_NAMES.map((name) => name !== 'view_item_list' && name !== 'remove_from_cart' && name !== 'search');
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (const time of timesMs) {
    if (time > latestMs) continue;
    if (time < firstMs) firstMs = time;
    if (time > lastMs) lastMs = time;
  }
  if (!(lastMs > firstMs)) return null;
  const windowDays = 2 * halfLifeDays;
  const recent = new Float64Array(itemCount);
  const earlier = new Float64Array(itemCount);
  const recentCounts = new Uint32Array(itemCount);
  items.forEach((item, at) => {
    if (timesMs[at]! > latestMs || !isCounted[kinds[at]!]) return;
    const days = (lastMs - timesMs[at]!) / DAY_MS;
    recent[item]! += 2 ** (-days / halfLifeDays);
    earlier[item]! += 2 ** (-days / (EARLIER * halfLifeDays));
    if (days <= windowDays) recentCounts[item]!++;
  });
  const total = (sums: Float64Array): number => sums.reduce((sum, value) => sum + value, 0);
  const pace = total(recent) / total(earlier);
  return {
    entry: { asOf: new Date(lastMs).toISOString(), halfLifeDays, priorEvents, windowDays },
    trends: Float32Array.from(recent, (value, item) => (value + priorEvents * pace) / (earlier[item]! + priorEvents) / pace),
    recentRates: Float32Array.from(recent, (value) => (value * Math.LN2) / halfLifeDays),
    recentCounts,
  };
}
