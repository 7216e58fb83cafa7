/** Model folders trained on a part of the events, by the command line itself, and the questions that the other part asks. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildTest } from '../../build/src/core/evaluation/buildTest.js';
import { openModelFiles } from '../../build/src/cli/evaluation/openModels.js';
import { openEventsFile } from '../../build/src/cli/readers/openEventsFile.js';
import { runCli } from '../../build/src/cli/runCli.js';

const DEFAULTS = { columns: new Map(), targets: 'next-visit', testDays: 30, testShare: 0.1, minCoverage: 0.5, seed: 1 };

/** Runs `shelfmate ARGS`; throws what it complains of. Returns what it prints. */
export async function shelfmate(...args) {
  let printed = '';
  let complaints = '';
  const io = {
    stdout: { write: (text) => (printed += text) },
    stderr: { write: (text) => (complaints += text) },
    env: {},
    now: () => Date.now(),
    fetch: globalThis.fetch,
    signal: new AbortController().signal,
  };
  if ((await runCli(args.map(String), io)) !== 0) throw new Error(`shelfmate ${args.join(' ')}: ${complaints}`);
  return printed;
}

/** Writes the events that may be learned from to `path`. */
export function writeTrainingPart(events, { format, protocol, testDays = DEFAULTS.testDays }, path) {
  const named = format ? ['--format', format] : [];
  return shelfmate('evaluate', '--events', events, ...named, '--protocol', protocol, '--test-days', testDays, '--write-train', path);
}

/** Trains a folder on all of `events`. */
export async function train(events, out, ...options) {
  mkdirSync(join(out, '..'), { recursive: true });
  await shelfmate('train', events, '--out', out, '--no-evaluate', '--quiet', ...options);
  return out;
}

/** Opens a folder, with what reads its tables. */
export function openFolder(path) {
  return openModelFiles(path, { fetch: globalThis.fetch });
}

/** What a protocol asks of the shoppers of `events`, as `shelfmate evaluate` does. */
export async function questionsOf(model, events, options) {
  const step = { update() {}, finish() {} };
  const host = { start: () => step, pause: async () => {}, signal: new AbortController().signal, now: () => Date.now() };
  return buildTest([model], { ...DEFAULTS, ...options, events: openEventsFile(events) }, host);
}
