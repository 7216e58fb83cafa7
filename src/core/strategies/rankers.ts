import type { RowSet } from '../ranking/rowSet.js';
import type { StrategyName } from '../strategyTypes.js';
import { boughtTogether } from './boughtTogether.js';
import type { Candidates } from './candidates.js';
import { likeMinded, neighbors } from './collaborative.js';
import { content } from './content.js';
import { continueShopping, recentlyViewed } from './fromHistory.js';
import { lookingSimilar } from './lookingSimilar.js';
import { personal } from './personal.js';
import type { Ask, NotHere, Shop } from './shop.js';
import { newArrivals, popular, trending } from './shopWide.js';
import { similar } from './similar.js';

/** Finds candidates among `allowed` rows, or says why it cannot. */
export type Ranker = (shop: Shop, ask: Ask, allowed: RowSet) => Promise<Candidates | NotHere>;

export const RANKERS: Readonly<Record<StrategyName, Ranker>> = {
  personal,
  neighbors,
  likeMinded,
  similar,
  boughtTogether,
  lookingSimilar,
  content,
  trending,
  popular,
  newArrivals,
  recentlyViewed,
  continueShopping,
};

/** Strategies of the whole shop, which a category narrows. */
export const SHOP_WIDE: ReadonlySet<StrategyName> = new Set(['trending', 'popular', 'newArrivals']);

/** From what is known best to what is known always: session and taste, the page, the category's trend, what all choose. */
export const LADDER: readonly StrategyName[] = ['personal', 'content', 'trending', 'popular'];
