import { RecommenderError } from '../src/core/errors.js';
import type { Verdicts } from '../src/core/ranking/judgeItems.js';
import type { Judge } from '../src/core/strategies/makeList.js';
import { plainCopy } from './plainCopy.js';

/** Asks the page's filter function by the port that came with a call. One question at a time; the port is closed with the call. */
export function judgeBehind(port: MessagePort): Judge {
  return async (items) => {
    const answer = await new Promise<unknown>((resolve) => {
      port.addEventListener('message', ({ data }) => resolve(data), { once: true });
      port.start();
      port.postMessage(items);
    });
    const { accepted, problems, problemCount } = (plainCopy(answer, { maxValues: items.length + 100 }) ?? {}) as Partial<Verdicts>;
    if (accepted instanceof Uint8Array && accepted.length === items.length && Array.isArray(problems) && problemCount! >= 0)
      return { accepted, problems, problemCount: problemCount! };
    throw new RecommenderError('input/invalid', 'The page judged the items with something that is no verdict.', {});
  };
}
