import type { CatalogItem, RecommendationList } from 'shelfmate';
import type { App } from './app.js';
import { createListShelf, type ListShelfOptions } from './listShelf.js';

export interface RecommendationShelfOptions extends Omit<ListShelfOptions, 'heading' | 'note'> {
  /** Heading and note, which may depend on how the list came about. */
  readonly heading: (list: RecommendationList | null) => readonly [heading: string, note: string];
  readonly load: () => Promise<RecommendationList>;
  readonly onList?: (list: RecommendationList) => void;
  /** Said in place of the cards when loading them fails. */
  readonly onFailure: (error: unknown) => string;
  /** Shown in place of that, where the shop has something to show without the recommender. */
  readonly fallback?: () => readonly CatalogItem[];
}

export interface RecommendationShelf {
  readonly node: HTMLElement;
  refresh(): Promise<void>;
}

/** A shelf of one list, which it asks for on `refresh()`. */
export function createRecommendationShelf(app: App, options: RecommendationShelfOptions): RecommendationShelf {
  const { heading, load, onList, onFailure, fallback, ...rest } = options;
  const [firstHeading, firstNote] = heading(null);
  const shelf = createListShelf(app, { ...rest, heading: firstHeading, note: firstNote });
  let latest = 0;
  async function refresh(): Promise<void> {
    const turn = ++latest;
    shelf.setBusy();
    try {
      const list = await load();
      if (turn !== latest) return;
      shelf.show(list, ...heading(list));
      onList?.(list);
    } catch (error) {
      if (turn !== latest) return;
      const items = fallback?.() ?? [];
      if (items.length > 0) shelf.showPlain(items);
      else shelf.say(onFailure(error));
    }
  }
  return { node: shelf.node, refresh };
}
