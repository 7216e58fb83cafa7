/** The worker's entry: waits for the page's hello, then answers on the private port it brought. */
import { expose, transferHandlers } from 'comlink';
import type { EngineApi, WorkerHello } from '../src/core/protocol.js';
import { typedThrowHandler } from '../src/core/protocol.js';
import { Engine } from './engine.js';

transferHandlers.set('throw', typedThrowHandler(transferHandlers.get('throw')!));

addEventListener('message', function onHello(message: MessageEvent<WorkerHello>) {
  if (message.data?.shelfmate !== 'hello') return;
  removeEventListener('message', onHello);
  const engine = new Engine();
  // A flat list of methods: nothing else of the engine can be reached through the port.
  const api: EngineApi = {
    open: (config, notify) => engine.open(config, notify),
    call: (callId, name, argument) => engine.call(callId, name, argument),
    abort: (callId) => engine.abort(callId),
    status: () => engine.status(),
    suspend: () => engine.suspend(),
    resume: () => engine.resume(),
    close: () => engine.close(),
  };
  expose(api, message.data.port);
});
