/** Counts the network requests that the page makes after a moment in time. */
export interface RequestCounter {
  readonly count: number;
  /** Starts counting anew from now. */
  restart(): void;
  onChange(listener: () => void): void;
}

export function createRequestCounter(): RequestCounter {
  let sinceMs = 0;
  let count = 0;
  let notice = (): void => {};
  if ('PerformanceObserver' in globalThis) {
    new PerformanceObserver((entries) => {
      const fresh = entries.getEntries().filter((entry) => entry.startTime >= sinceMs && /^https?:/.test(entry.name)).length;
      if (fresh === 0) return;
      count += fresh;
      notice();
    }).observe({ type: 'resource', buffered: true });
  }
  return {
    get count() {
      return count;
    },
    restart() {
      sinceMs = performance.now();
      count = 0;
      notice();
    },
    onChange: (listener) => {
      notice = listener;
    },
  };
}
