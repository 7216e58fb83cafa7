import { RecommenderError, isRecommenderError } from './core/errors.js';
import type { ListOptions, RecommendationList } from './core/types.js';
import type { GivenOptions } from './workerHost.js';

/** How long a list may take once all that it needs is loaded, milliseconds. */
const DEADLINE_MS = 150;
const MAX_KEPT = 20;
const DEFAULT_LIMIT = 10;

/** A list call, as far as a stand-in must honour it. */
export interface FallibleCall extends Pick<ListOptions, 'limit' | 'scenario' | 'filter' | 'exclude'> {
  readonly category?: string | undefined;
  /** The call with all its options; null with a filter function: who knows what it depends on. */
  readonly key: string | null;
  /** What the worker may have to load first; see {@link kindOf}. The first call of a kind has no deadline of its own. */
  readonly kind: string;
}

/** The kind of a call that names no strategy; empty: it needs nothing but the model. */
export function kindOf(options: object): string {
  return Object.keys(options).every((name) => /^(limit|scenario|exclude|excludeSeen|probabilities)$/.test(name)) ? '' : 'rules';
}

/** Lists of what the shopper did: nothing popular can stand in for them. */
const OF_SHOPPER = /^(recentlyViewed|continueShopping)$/;

/** Answers list calls in time: with the worker's list, else with the last one the same call got, else with the popular items. */
export class FallbackLists {
  /** From the worker, when plain lists need nothing that is still to be loaded. */
  popular: RecommendationList | null = null;
  #kept = new Map<string, RecommendationList>();
  readonly #answered = new Set(['']);

  /** Drops what may show what it should not any more; also what is still on its way. */
  forget(): void {
    this.#kept = new Map();
  }

  /** Rejects where there is nothing to stand in, and when the call itself is at fault. */
  answer(
    call: FallibleCall,
    { signal, timeoutMs }: GivenOptions,
    ask: (options: GivenOptions) => Promise<RecommendationList>,
  ): Promise<RecommendationList> {
    const { key, kind } = call;
    const kept = this.#kept;
    return new Promise((resolve, reject) => {
      const settle = (error: unknown): void => {
        const code = isRecommenderError(error) ? error.code : 'worker/failed';
        const list = /^input|aborted|closed/.test(code) ? null : (key !== null && kept.get(key)) || this.#popularFor(call);
        if (list) resolve({ ...list, degraded: { reason: code } });
        else if (code !== 'call/timeout' || timeoutMs !== undefined) reject(error);
      };
      // An answer that comes late is kept for the next call.
      ask({ signal }).then((list) => {
        this.#answered.add(kind);
        if (key !== null) {
          kept.delete(key);
          kept.set(key, list);
          if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!);
        }
        resolve(list);
      }, settle);
      const deadlineMs = timeoutMs ?? (this.popular && this.#answered.has(kind) ? DEADLINE_MS : null);
      if (deadlineMs === null) return;
      // Twice: on a page that was held up, an answer may be waiting behind the timer.
      setTimeout(() => setTimeout(() => settle(timeoutError(deadlineMs))), deadlineMs);
    });
  }

  /** Null with conditions: only the worker can tell what meets them. */
  #popularFor({
    limit = DEFAULT_LIMIT,
    scenario = 'default',
    filter,
    category,
    exclude = [],
    key,
    kind,
  }: FallibleCall): RecommendationList | null {
    if (!this.popular || filter || category || key === null) return null;
    const items = OF_SHOPPER.test(kind) ? [] : this.popular.items.filter(({ itemId }) => !exclude.includes(itemId)).slice(0, limit);
    return { ...this.popular, scenario, items };
  }
}

export function timeoutError(timeoutMs: number): RecommenderError {
  return new RecommenderError('call/timeout', `No answer within ${timeoutMs} ms. Allow more time, or show something else meanwhile.`, {
    timeoutMs,
  });
}
