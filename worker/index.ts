/** The worker's entry: waits for the page's hello, then answers on the private port it brought. */
import type { WorkerHello } from '../src/core/protocol.js';
import { answerCalls } from './answerCalls.js';
import { checkedMethods } from './checkedMethods.js';
import { Engine } from './engine.js';

// A rejection that nobody looks at says nothing to the page by itself; an error does.
addEventListener('unhandledrejection', ({ reason }) => reportError(reason));

addEventListener('message', function onHello({ data }: MessageEvent<WorkerHello>) {
  if (data?.shelfmate !== 'hello') return;
  removeEventListener('message', onHello);
  const { port } = data;
  answerCalls(
    port,
    checkedMethods(new Engine(), (notice) => port.postMessage({ notice })),
  );
});
