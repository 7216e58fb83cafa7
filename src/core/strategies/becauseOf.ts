import { reasonText } from '../ranking/evidence.js';
import type { ShopTexts } from '../ranking/shopTexts.js';
import type { Reason } from '../types.js';
import type { Contribution } from './candidates.js';

/** Smaller parts of a score than this share of it are not worth a word, though they count. */
const LEAST_SHARE = 1e-9;

/**
 * Says contributions as reasons, strongest first: the `count` that raise the score most, and all others together as one, so that the
 * contributions of the reasons sum to the score.
 */
export function reasonsOf(contributions: readonly Contribution[], texts: ShopTexts, count = Infinity): Reason[] {
  const strongest = [...contributions]
    .filter(({ cause }) => cause.kind !== 'rest')
    .sort((a, b) => b.contribution - a.contribution)
    .filter(({ contribution }, at) => count === Infinity || (at < count && (contribution > 0 || at === 0)));
  const shown = new Set(strongest);
  const rest = contributions.reduce((sum, one) => (shown.has(one) ? sum : sum + one.contribution), 0);
  const total = contributions.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0);
  const all = Math.abs(rest) > LEAST_SHARE * total ? [...strongest, { cause: { kind: 'rest' } as const, contribution: rest }] : strongest;
  return all.map(({ cause, contribution }) => {
    const reason = { ...cause, contribution, text: '' } as Reason;
    return { ...reason, text: reasonText(reason, texts) };
  });
}
