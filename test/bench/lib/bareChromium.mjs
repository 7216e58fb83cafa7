/**
 * Chromium over a bare DevTools pipe. Playwright asks for the network domain of every page and worker, for which the page's process keeps
 * a copy of all that was fetched, in base64: more than the model itself. Memory is measured without.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Starts a browser with a profile of its own. `send(method, params, sessionId)` resolves to the result; `on(method, listener)` hears events. */
export async function startBareChromium(executablePath, flags) {
  const profile = await mkdtemp(join(tmpdir(), 'shelfmate-chromium-'));
  const args = ['--headless', '--remote-debugging-pipe', `--user-data-dir=${profile}`, '--no-first-run', ...flags, 'about:blank'];
  const child = spawn(executablePath, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const [, , , commands, answers] = child.stdio;
  const waiting = new Map();
  const listeners = [];
  let lastId = 0;
  let rest = '';
  answers.setEncoding('utf8');
  answers.on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const message of messages.map((one) => JSON.parse(one))) {
      for (const listener of message.id ? [] : listeners) listener(message);
      const { resolve, reject } = waiting.get(message.id) ?? {};
      waiting.delete(message.id);
      if (message.error) reject?.(new Error(message.error.message));
      else resolve?.(message.result);
    }
  });
  return {
    send: (method, params = {}, sessionId = undefined) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      }),
    on: (method, listener) => listeners.push((message) => message.method === method && listener(message.params)),
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
