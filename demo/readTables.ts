import type { ItemId, Recommender } from 'shelfmate';

/**
 * Reads what the first page does without, by a list of one item of every kind that has a file of its own. From then on the shop asks
 * the network for nothing, whatever the shopper does, and works without it.
 */
export async function readTables(recommender: Recommender, itemId: ItemId | undefined): Promise<void> {
  const panel = import('shelfmate/privacy-panel').catch(() => {}); // The history's page does without it, if need be.
  await recommender.planPage({
    shelves: [
      { strategy: 'trending', limit: 1 },
      { strategy: 'likeMinded', limit: 1 },
      { strategy: 'content', limit: 1, context: { searchTerm: 'camera' } },
      ...(itemId === undefined
        ? []
        : [{ strategy: 'boughtTogether', limit: 1, itemId } as const, { strategy: 'lookingSimilar', limit: 1, itemId } as const]),
    ],
  });
  await panel;
}
