import type { CatalogItem, ItemId, ItemUpdate } from 'shelfmate';

/** What the page knows of products: the shop's catalogue, or else what the lists have brought so far. */
export interface Catalogue {
  /** Whether the shop's own file is loaded. */
  readonly complete: boolean;
  readonly items: readonly CatalogItem[];
  get(itemId: ItemId): CatalogItem | undefined;
  /** Remembers items that came with a list. */
  learn(items: readonly CatalogItem[]): void;
  /** Takes in new values of items that are known. */
  update(updates: readonly ItemUpdate[]): void;
  categories(): readonly string[];
  inCategory(category: string): readonly CatalogItem[];
  search(query: string): readonly CatalogItem[];
}

export function createCatalogue(loaded: readonly CatalogItem[] | null): Catalogue {
  const byId = new Map((loaded ?? []).map((item) => [item.itemId, item]));
  const all = (): CatalogItem[] => [...byId.values()];
  return {
    complete: loaded !== null,
    get items() {
      return all();
    },
    get: (itemId) => byId.get(itemId),
    learn(items) {
      for (const item of items) {
        const known = byId.get(item.itemId);
        if (!known || Object.keys(known).length < Object.keys(item).length) byId.set(item.itemId, item);
      }
    },
    update(updates) {
      for (const update of updates) {
        const known = byId.get(update.itemId);
        const values = Object.fromEntries(Object.entries(update).map(([name, value]) => [name, value ?? undefined]));
        if (known) byId.set(update.itemId, { ...known, ...values });
      }
    },
    categories: () => [...new Set(all().flatMap((item) => (item.category ? [item.category] : [])))],
    inCategory: (category) => all().filter((item) => item.category === category),
    search(query) {
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      if (words.length === 0) return [];
      return all().filter((item) => {
        const text = Object.values(item).flat().join(' ').toLowerCase();
        return words.every((word) => text.includes(word));
      });
    },
  };
}

/** Fetches a catalogue file, one JSON object a line. */
export async function fetchCatalogue(address: string): Promise<CatalogItem[]> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as CatalogItem);
}
