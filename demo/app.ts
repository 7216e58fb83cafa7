import type { CatalogItem, EventItem, ItemId, PageOfShelves } from 'shelfmate';
import type { Cart } from './cart.js';
import type { Catalogue } from './catalogue.js';
import type { Connection } from './connection.js';
import { categoryLabel } from './shop/categories.js';
import type { Settings } from './settings.js';
import type { Texts } from './texts.js';
import type { ToastAction } from './toast.js';

/** What every part of the page is given. */
export interface App {
  readonly settings: Settings;
  readonly words: Texts;
  readonly catalogue: Catalogue;
  readonly connection: Connection;
  readonly cart: Cart;
  /** The home page as the shopper last saw it: its cards glide from there to their new places. */
  lastHome: PageOfShelves | null;
  announce(message: string, action?: ToastAction): void;
}

/** A part of the page that a route shows. */
export interface View {
  readonly title: string;
  readonly node: HTMLElement;
  close(): void;
}

/** The item's title in the page's language; its id where it has none. */
export function titleOf(app: App, item: CatalogItem): string {
  const translated = app.settings.language === 'zh' ? item['titleZh'] : undefined;
  return typeof translated === 'string' ? translated : item.title || item.itemId;
}

/** The known fields of an item, or the bare id. */
export function itemOf(app: App, itemId: ItemId): CatalogItem {
  return app.catalogue.get(itemId) ?? { itemId };
}

export function categoryOf(app: App, category: string): string {
  return categoryLabel(category, app.settings.language);
}

export function priceOf(app: App, item: CatalogItem): string {
  if (item.price === undefined) return '';
  return new Intl.NumberFormat(app.settings.language === 'zh' ? 'zh-CN' : 'en-US', {
    style: 'currency',
    currency: item.currency ?? 'USD',
  }).format(item.price);
}

export function numberText(app: App, value: number, digits = 0): string {
  return value.toLocaleString(app.settings.language === 'zh' ? 'zh-CN' : 'en-US', {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  });
}

/** Milliseconds, finer where they are few. */
export function milliseconds(app: App, value: number): string {
  return `${numberText(app, value, value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}

export function itemAddress(itemId: ItemId): string {
  return `#/item/${encodeURIComponent(itemId)}`;
}

export function categoryAddress(category: string): string {
  return `#/category/${encodeURIComponent(category)}`;
}

/** An amount of the shop's currency. */
export function amountText(app: App, amount: number): string {
  return priceOf(app, { itemId: '', price: amount });
}

/** The GA4 shape of "the shopper did this with that product". */
export function eventItem(item: CatalogItem, quantity = 1): EventItem {
  return {
    item_id: item.itemId,
    quantity,
    ...(item.title ? { item_name: item.title } : {}),
    ...(item.price === undefined ? {} : { price: item.price }),
  };
}
