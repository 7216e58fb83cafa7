import { afterEach, expect, it } from 'vitest';
import { judgeBehind } from '../../../worker/judgeBehind.js';

let ports: MessagePort[] = [];
afterEach(() => ports.forEach((port) => port.close()));

function judgeThatSays(answer: unknown): ReturnType<typeof judgeBehind> {
  const { port1, port2 } = new MessageChannel();
  ports = [port1, port2];
  port1.addEventListener('message', () => port1.postMessage(answer, []));
  port1.start();
  return judgeBehind(port2);
}
const items = [{ itemId: 'a' }, { itemId: 'b' }];

it('asks again and again by one port', async () => {
  const judge = judgeThatSays({ accepted: Uint8Array.of(0, 1), problems: [], problemCount: 0 });
  for (let round = 0; round < 3; round++) expect((await judge(items)).accepted).toEqual(Uint8Array.of(0, 1));
});

it.each([
  ['nothing', null],
  ['too few verdicts', { accepted: Uint8Array.of(1), problems: [], problemCount: 0 }],
  ['words', { accepted: 'all', problems: [], problemCount: 0 }],
  ['no problems', { accepted: Uint8Array.of(0, 1) }],
  ['what is no plain value', new Map()],
])('refuses %s for verdicts', async (_, answer) => {
  await expect(judgeThatSays(answer)(items)).rejects.toMatchObject({ code: 'input/invalid' });
});
