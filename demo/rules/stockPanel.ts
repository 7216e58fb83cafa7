import type { CatalogItem, ItemId } from 'shelfmate';
import { type App, titleOf } from '../app.js';
import { element } from '../dom.js';

/** Sells things out, as a shop's stock does behind the page's back. */
export interface StockPanel {
  readonly node: HTMLElement;
  /** Which item the button sells out: the first of the list. */
  setFirst(item: CatalogItem | null): void;
}

/** What was sold out here; it lasts as long as the library keeps it: until the page closes. */
const soldOut = new Set<ItemId>();

export function createStockPanel(app: App): StockPanel {
  const words = app.words.rules;
  const said = element('p', { class: 'shelf-note' });
  let first: CatalogItem | null = null;
  const button = element(
    'button',
    { class: 'button', type: 'button', 'data-action': 'sell-out', onclick: () => void sellOut() },
    words.soldOutButton,
  );
  const restock = element(
    'button',
    { class: 'button quiet', type: 'button', 'data-action': 'restock', onclick: () => void setStock([...soldOut], true) },
    words.restock,
  );

  async function setStock(itemIds: readonly ItemId[], inStock: boolean): Promise<void> {
    const updates = itemIds.map((itemId) => ({ itemId, inStock }));
    for (const itemId of itemIds) {
      if (inStock) soldOut.delete(itemId);
      else soldOut.add(itemId);
    }
    app.catalogue.update(updates);
    if (inStock) app.announce(words.restocked);
    await app.connection.updateItems(updates).catch((error: unknown) => app.announce(String(error)));
    show();
  }
  async function sellOut(): Promise<void> {
    if (!first) return;
    app.announce(words.soldOutSaid(titleOf(app, first)));
    await setStock([first.itemId], false);
  }
  function show(): void {
    said.textContent = soldOut.size > 0 ? words.soldOutCount(soldOut.size) : '';
    restock.disabled = soldOut.size === 0;
    button.disabled = first === null || first.inStock === false;
    if (first) button.title = words.soldOut(titleOf(app, first));
  }
  show();
  const node = element(
    'section',
    { class: 'stock-panel', 'aria-labelledby': 'heading-stock' },
    element('h2', { id: 'heading-stock' }, words.stockTitle),
    element('p', {}, words.stockText),
    element('div', { class: 'stock-tools' }, button, restock),
    said,
  );
  return {
    node,
    setFirst(item) {
      first = item;
      show();
    },
  };
}
