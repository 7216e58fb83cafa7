import type { RecommendationList, Rung } from 'shelfmate';

/** The steps that a list came down, as words: "personal (nothing is known of the shopper yet) → popular". */
export function ladderText({ rungs, strategy, items }: RecommendationList): string {
  const asked: readonly Rung[] = rungs ?? [{ strategy, items: items.length }];
  return asked.map((rung) => (rung.items > 0 ? rung.strategy : `${rung.strategy} (${rung.reason ?? '0'})`)).join(' → ');
}
