/** A value of a product field: the same kinds of value that the catalogue file may hold. */
export type SpecValue = string | number | boolean | readonly string[];

/** One product of the demo shop. Specs stand flat beside the named fields, as in the catalogue file. */
export interface ShopItem {
  readonly itemId: string;
  readonly title: string;
  readonly titleZh: string;
  readonly description: string;
  readonly descriptionZh: string;
  readonly brand: string;
  readonly category: string;
  readonly categoryZh: string;
  readonly price: number;
  readonly currency: 'USD';
  readonly url: string;
  readonly image: string;
  readonly inStock: boolean;
  readonly rating: number;
  readonly ratingCount: number;
  readonly tags: readonly string[];
  readonly colour: string;
  /** What it works with: a device family, a lens mount or a console. Complements share it. */
  readonly ecosystem: string;
  readonly [spec: string]: SpecValue;
}

/** One line of the simulated log. */
export interface SessionEvent {
  readonly userId: string;
  readonly sessionId: string;
  readonly event: 'view_item' | 'add_to_cart' | 'purchase';
  readonly itemId: string;
  readonly timestampMs: number;
}
