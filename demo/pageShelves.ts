import type { PageContext, PageOfShelves, PlannedShelfList, ShelfRequest } from 'shelfmate';
import type { App } from './app.js';
import { createListShelf, type ListShelf, type ListShelfOptions } from './listShelf.js';
import { headlineText } from './reasonWords.js';

/** A shelf of a page: how it looks, and what it asks for. */
export interface ShelfPlan extends ListShelfOptions {
  readonly request: Omit<ShelfRequest, 'id' | 'limit'>;
  /** Default: the library's own headline. */
  readonly headline?: (list: PlannedShelfList) => readonly [heading: string, note: string];
  /** Said where there is nothing to show; without it the shelf stays away until there is. */
  readonly empty?: string;
}

export interface PageShelvesOptions {
  /** In the order of the page. They may depend on what the shopper did last. */
  readonly plans: () => readonly ShelfPlan[] | Promise<readonly ShelfPlan[]>;
  /** As plans, before anything is known: their places are held. */
  readonly first: readonly ShelfPlan[];
  readonly scenario: string;
  readonly context?: PageContext;
  /** Lists that something else on the page shows. */
  readonly others?: () => readonly ShelfRequest[];
  /** What the page showed last, to start from. */
  readonly before?: PageOfShelves | null;
  readonly onPage?: (page: PageOfShelves) => void;
  readonly onFailure: (shelves: ReadonlyMap<string, ListShelf>, error: unknown) => void;
}

export interface PageShelves {
  readonly nodes: readonly HTMLElement[];
  refresh(): Promise<void>;
}

/** All shelves of a page, filled by one call, so that no product stands on two of them. */
export function createPageShelves(app: App, options: PageShelvesOptions): PageShelves {
  const { plans, first, scenario, context, others = () => [], before = null, onPage, onFailure } = options;
  const shelves = new Map(first.map((plan) => [plan.id, createListShelf(app, plan)]));
  // What needs a history comes when there is one; it stands below what is in view, so nothing jumps.
  for (const { id, empty, request } of first) shelves.get(id)!.node.hidden = empty === undefined && (request.minItems ?? 0) > 0;
  let latest = 0;

  function fill(asked: readonly ShelfPlan[], page: PageOfShelves): void {
    for (const [id, shelf] of shelves) {
      const plan = asked.find((one) => one.id === id);
      const list = page.shelves.find((one) => one.id === id);
      if (list && plan) {
        const [heading, note] = plan.headline?.(list) ?? [headlineText(app, list.headline), plan.note];
        shelf.show(list, heading, note);
      } else if (plan?.empty !== undefined) shelf.say(plan.empty);
      else shelf.node.hidden = true;
    }
    onPage?.(page);
  }
  if (before) fill(first, before);

  return {
    nodes: [...shelves.values()].map(({ node }) => node),
    async refresh() {
      const turn = ++latest;
      for (const shelf of shelves.values()) shelf.setBusy();
      try {
        const asked = await plans();
        const page = await app.connection.page({
          scenario,
          ...(context && { context }),
          shelves: [...others(), ...asked.map(({ id, limit, request }) => ({ id, limit, ...request }))].map((shelf) => ({
            cart: app.cart.itemIds,
            ...shelf,
          })),
        });
        if (turn === latest) fill(asked, page);
      } catch (error) {
        if (turn === latest) onFailure(shelves, error);
      }
    },
  };
}
