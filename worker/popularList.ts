import type { RankedList } from '../src/core/pipeline.js';
import { recommend } from '../src/core/pipeline.js';
import type { EngineConfig } from '../src/core/protocol.js';
import type { HistoryEntry } from '../src/core/types.js';
import type { ServedModel } from './modelLoader.js';

/** So many the page keeps. */
const POPULAR_LIMIT = 50;

/**
 * What everybody is recommended, less what this shopper dismissed: the page's stand-in for when the worker cannot answer. It needs
 * neither session nor any file but the model.
 */
export async function popularList(
  { model, backend, unavailable }: ServedModel,
  history: readonly HistoryEntry[],
  { language, texts }: EngineConfig,
): Promise<RankedList> {
  const exclude = history.filter(({ event }) => event === 'dismiss').map(({ itemId }) => itemId);
  const context = { model, loaded: backend.loaded, unavailable, history: [], language, session: null };
  const { strategy, items } = await recommend(context, { limit: POPULAR_LIMIT, exclude }, null);
  const text = texts?.popular;
  if (!text) return { strategy, items };
  return { strategy, items: items.map((item) => ({ ...item, reasons: item.reasons.map((reason) => ({ ...reason, text })) })) };
}
