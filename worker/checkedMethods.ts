import { RecommenderError, show } from '../src/core/errors.js';
import type { CallName, EngineApi, EngineConfig, EngineNotice } from '../src/core/protocol.js';
import type { Method } from './answerCalls.js';
import { judgeBehind } from './judgeBehind.js';

type Given = Readonly<Record<string, unknown>>;
type Check = (given: Given) => boolean;

/** Every call, and whether what it was given has the right shape. What is inside is checked where it is read. */
const CALLS: Readonly<Record<CallName, Check>> = {
  record: () => true, // Says itself what it needs.
  recommend: isObject,
  similarItems: (given) => isObject(given) && isText(given['itemId']) && isObject(given['options']),
  strategies: isObject, // The room looks closer: see requestShapes.ts.
  listHistory: (given) => isObject(given) && (given['limit'] === null || isCount(given['limit'])),
  forget: (given) => (given as unknown) === 'all' || (isObject(given) && (isText(given['itemId']) || Number.isFinite(given['beforeMs']))),
  clearHistory: (given) => given === null,
  changeModel: isObject, // The room reads it.
  privacy: (given) => isObject(given) && given['kind'] !== 'told', // That is what other tabs say. The room reads it.
};

/** What the page may call of the engine: this list and nothing else, each with its arguments checked. */
export function checkedMethods(engine: EngineApi, notify: (notice: EngineNotice) => void): ReadonlyMap<unknown, Method> {
  return new Map<unknown, Method>([
    [
      'open',
      (config: EngineConfig) => {
        check(isObject(config) && isText(config.modelUrl) && isObject(config.history), 'open', config);
        return engine.open(config, notify);
      },
    ],
    [
      'call',
      async (callId: number, name: CallName, argument: never, judge?: MessagePort | null, eventId?: string) => {
        try {
          if (!Object.hasOwn(CALLS, name))
            throw new RecommenderError(
              'input/invalid',
              `The worker has no call ${show(name)}. Page and worker must be of one version.`,
              {},
            );
          check(isCount(callId) && CALLS[name](argument), name, argument);
          check(judge === undefined || judge === null || judge instanceof MessagePort, name, judge);
          check(eventId === undefined || /^[0-9a-z]{9,30}-[0-9a-z]{1,20}$/.test(eventId), name, eventId);
          return await engine.call(callId, name, argument, judge && judgeBehind(judge), eventId);
        } finally {
          judge?.close?.();
        }
      },
    ],
    ['abort', (callId: number) => engine.abort(callId)],
    ['status', () => engine.status()],
    ['suspend', () => engine.suspend()],
    ['resume', () => engine.resume()],
    ['close', () => engine.close()],
  ]);
}

function check(isFine: boolean, name: string, seen: unknown): void {
  if (!isFine) throw new RecommenderError('input/invalid', `${show(name)} was given ${show(seen)}.`, { seen: show(seen) });
}

function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}
