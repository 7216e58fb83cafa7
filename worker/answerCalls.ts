/**
 * Answers calls on the private port, and does nothing else for what comes there: a method is looked up in a list, its arguments are
 * copied. (Comlink's `expose` would walk any path, set, construct and hand out ports: `api.__proto__.x = 1` from the page would
 * change the worker's Object.prototype.)
 */
import { RecommenderError, errorToWire, show } from '../src/core/errors.js';
import { PING } from '../src/core/protocol.js';
import type { CopyLimits } from './plainCopy.js';
import { plainCopy } from './plainCopy.js';

/** A method takes copies that nobody else holds; it has to check their types itself. */
export type Method = (...given: never[]) => unknown;

export function answerCalls(port: MessagePort, methods: ReadonlyMap<unknown, Method>): void {
  port.addEventListener('message', async ({ data }: MessageEvent<{ id?: unknown; method?: unknown; given?: unknown } | null>) => {
    if ((data as unknown) === PING) return port.postMessage(PING);
    const id = data?.id;
    if (!Number.isInteger(id)) return;
    try {
      port.postMessage({ id, value: await run(methods, data!.method, data!.given) });
    } catch (error) {
      port.postMessage({ id, error: errorToWire(error) });
    }
  });
  port.start();
}

function run(methods: ReadonlyMap<unknown, Method>, name: unknown, given: unknown): unknown {
  const method = methods.get(name);
  if (!method || !Array.isArray(given) || given.length > 5)
    throw new RecommenderError('input/invalid', `The worker takes no ${show(name)} of ${show(given)}.`, {});
  const limits = limitsOf(given);
  // The one thing that crosses as it is: the port by which a call's filter function is asked.
  const isJudge = (value: unknown, at: number): boolean => name === 'call' && at === 3 && value instanceof MessagePort;
  return method(...(given.map((value, at) => (isJudge(value, at) ? value : plainCopy(value, limits))) as never[]));
}

function limitsOf([, name, argument]: readonly unknown[]): CopyLimits {
  // An event may carry anything beside what is read of it.
  if (name === 'record') return { isLenient: true };
  const { method } = (argument ?? {}) as { readonly method?: unknown };
  return name === 'privacy' || method === 'updateItems' || method === 'addItems'
    ? { maxValues: 2_000_000, maxCharacters: 100_000_000 }
    : {};
}
