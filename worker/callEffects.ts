/** What a call does beside answering. A new call that changes what lists show belongs here. */
import type { CallName, StrategyCall } from '../src/core/protocol.js';

export function isList(name: CallName): boolean {
  return name === 'recommend' || name === 'similarItems' || name === 'strategies';
}

export function changesCatalog(argument: unknown): boolean {
  return /^(update|add)Items$/.test(String((argument as Partial<StrategyCall> | null)?.method));
}

/** After these, lists made earlier may show what they should not. */
export function changesLists(name: CallName, argument: unknown): boolean {
  const { event } = (argument ?? {}) as { event?: unknown };
  return /^(forget|clearHistory|privacy)$/.test(name) || event === 'dismiss' || changesCatalog(argument);
}
