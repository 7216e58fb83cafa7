import type { CatalogItem, ItemId } from 'shelfmate';

export interface CartLine {
  readonly itemId: ItemId;
  readonly quantity: number;
}

/** The shop's own cart. Lists are told of it; the recommender's history hears of its changes as events. */
export interface Cart {
  readonly lines: readonly CartLine[];
  /** Products, each counted as often as it is wanted. */
  readonly count: number;
  readonly itemIds: readonly ItemId[];
  add(itemIds: readonly ItemId[]): void;
  /** 0 takes the product out. */
  setQuantity(itemId: ItemId, quantity: number): void;
  clear(): void;
  onChange(listener: () => void): () => void;
}

const KEY = 'shop-cart';
const MOST = 99;

function readLines(storage: Storage | null): Map<ItemId, number> {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? '[]');
    const pairs = Array.isArray(kept) ? kept : [];
    return new Map(
      pairs.filter((pair): pair is [string, number] => typeof pair?.[0] === 'string' && Number.isInteger(pair[1]) && pair[1] > 0),
    );
  } catch {
    return new Map(); // What another version left is no cart.
  }
}

/** Opens the cart that `storage` keeps for the next visit and for other tabs; null keeps it until the page closes. */
export function createCart(storage: Storage | null): Cart {
  const listeners = new Set<() => void>();
  let quantities = readLines(storage);
  // Another tab changed it.
  addEventListener('storage', (event) => {
    if (event.key !== KEY && event.key !== null) return;
    quantities = readLines(storage);
    tell();
  });
  function tell(): void {
    Array.from(listeners).forEach((listener) => listener());
  }
  function changed(): void {
    try {
      storage?.setItem(KEY, JSON.stringify([...quantities]));
    } catch {
      // A full or forbidden storage: the cart lasts as long as the page.
    }
    tell();
  }
  return {
    get lines() {
      return Array.from(quantities, ([itemId, quantity]) => ({ itemId, quantity }));
    },
    get count() {
      return [...quantities.values()].reduce((sum, quantity) => sum + quantity, 0);
    },
    get itemIds() {
      return [...quantities.keys()];
    },
    add(itemIds) {
      for (const itemId of itemIds) quantities.set(itemId, Math.min(MOST, (quantities.get(itemId) ?? 0) + 1));
      changed();
    },
    setQuantity(itemId, quantity) {
      if (quantity > 0) quantities.set(itemId, Math.min(MOST, quantity));
      else quantities.delete(itemId);
      changed();
    },
    clear() {
      quantities.clear();
      changed();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The price of several items in cents' precision; those without a price count nothing. */
export function totalPrice(items: readonly { readonly item: CatalogItem; readonly quantity: number }[]): number {
  return items.reduce((cents, { item, quantity }) => cents + Math.round((item.price ?? 0) * 100) * quantity, 0) / 100;
}
