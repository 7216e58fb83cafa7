/** The worker's entry: waits for the page's hello, then answers on the private port it brought. */
import type { ProxyMethods } from 'comlink';
import { expose, releaseProxy, transferHandlers } from 'comlink';
import type { EngineApi, WorkerHello } from '../src/core/protocol.js';
import { typedThrowHandler } from '../src/core/protocol.js';
import { Engine } from './engine.js';

transferHandlers.set('throw', typedThrowHandler(transferHandlers.get('throw')!));

/** The page's filter function is asked no more: its port may close. */
function releaseJudge(judge: unknown): void {
  (judge as ProxyMethods)[releaseProxy]();
}

addEventListener('message', function onHello(message: MessageEvent<WorkerHello>) {
  if (message.data?.shelfmate !== 'hello') return;
  removeEventListener('message', onHello);
  const engine = new Engine();
  // A flat list of methods: nothing else of the engine can be reached through the port.
  const api: EngineApi = {
    open: (config, notify) => engine.open(config, notify),
    call: (callId, name, argument, judge) => engine.call(callId, name, argument, judge).finally(() => judge && releaseJudge(judge)),
    abort: (callId) => engine.abort(callId),
    status: () => engine.status(),
    suspend: () => engine.suspend(),
    resume: () => engine.resume(),
    close: () => engine.close(),
  };
  expose(api, message.data.port);
});
