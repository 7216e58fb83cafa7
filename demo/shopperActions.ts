import type { CatalogItem, EventName } from 'shelfmate';
import { type App, eventItem, itemOf, titleOf } from './app.js';
import { totalPrice } from './cart.js';

function tell(app: App, error: unknown): void {
  app.announce(error instanceof Error ? error.message : String(error));
}

/** Tells the recommender what the shopper did with these products, in GA4's words. */
export async function record(app: App, event: EventName, items: readonly { item: CatalogItem; quantity: number }[]): Promise<void> {
  await app.connection.record({
    event,
    items: items.map(({ item, quantity }) => eventItem(item, quantity)),
    currency: items[0]?.item.currency ?? 'USD',
    value: totalPrice(items),
    ...(event === 'purchase' ? { transaction_id: crypto.randomUUID() } : {}),
  });
}

/** As {@link record}, where the shopper waits for nothing. The shop goes on without a recommender, and says elsewhere that it must. */
function note(app: App, event: EventName, items: readonly { item: CatalogItem; quantity: number }[]): void {
  record(app, event, items).catch(() => {});
}

export function addToCart(app: App, items: readonly CatalogItem[]): void {
  app.cart.add(items.map(({ itemId }) => itemId));
  note(
    app,
    'add_to_cart',
    items.map((item) => ({ item, quantity: 1 })),
  );
  app.announce(items.length === 1 ? app.words.added : app.words.addedCount(items.length));
}

/** Sets how many of a product are in the cart; 0 takes it out. */
export function setQuantity(app: App, itemId: string, quantity: number): void {
  const before = app.cart.lines.find((line) => line.itemId === itemId)?.quantity ?? 0;
  app.cart.setQuantity(itemId, quantity);
  const item = itemOf(app, itemId);
  if (quantity > before) note(app, 'add_to_cart', [{ item, quantity: quantity - before }]);
  if (quantity < before) note(app, 'remove_from_cart', [{ item, quantity: before - quantity }]);
  if (quantity === 0) app.announce(app.words.removed);
}

/** Buys one product past the cart. */
export function buyNow(app: App, item: CatalogItem): void {
  app.cart.setQuantity(item.itemId, 0);
  note(app, 'purchase', [{ item, quantity: 1 }]);
  app.announce(app.words.bought);
}

/** Buys the whole cart. */
export function buyCart(app: App): void {
  const items = app.cart.lines.map(({ itemId, quantity }) => ({ item: itemOf(app, itemId), quantity }));
  if (items.length === 0) return;
  app.cart.clear();
  note(app, 'purchase', items);
  app.announce(app.words.bought);
}

/** Takes a product out of all lists, and offers to take that back. */
export async function dismiss(app: App, item: CatalogItem, isByKeyboard: boolean): Promise<void> {
  try {
    const recommender = await app.connection.recommender();
    await recommender.dismiss(item.itemId);
    app.announce(app.words.dismissed(titleOf(app, item)), {
      label: app.words.undo,
      takesFocus: isByKeyboard,
      run: () =>
        void recommender
          .undismiss(item.itemId)
          .then(() => app.announce(app.words.undone))
          .catch((error: unknown) => tell(app, error)),
    });
  } catch (error) {
    tell(app, error);
  }
}
