/** One measured list. */
export interface Latency {
  readonly tookMs: number;
  readonly roundTripMs: number;
}

export interface LatencySummary {
  readonly count: number;
  readonly last: Latency;
  readonly p50: Latency;
  readonly p95: Latency;
}

/** The value below which `share` of the samples lie (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

export interface Latencies {
  add(latency: Latency): void;
  readonly samples: readonly Latency[];
  summary(): LatencySummary | null;
}

export function createLatencies(): Latencies {
  const samples: Latency[] = [];
  const at = (share: number): Latency => ({
    tookMs: percentile(
      samples.map((sample) => sample.tookMs),
      share,
    ),
    roundTripMs: percentile(
      samples.map((sample) => sample.roundTripMs),
      share,
    ),
  });
  return {
    samples,
    add: (latency) => void samples.push(latency),
    summary: () => {
      const last = samples.at(-1);
      return last ? { count: samples.length, last, p50: at(0.5), p95: at(0.95) } : null;
    },
  };
}
