import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { badInput } from '../../cliIo.js';
import { decodeCheckpoint, encodeCheckpoint } from './gruCheckpointFile.js';
import type { GruTrainingOptions } from './gruOptions.js';
import type { Sessions } from './sessions.js';
import type { GruCheckpoint } from './trainGru.js';

/** What a checkpoint was trained on; a training goes on from it only on the same. */
export type TrainingFacts = Readonly<Record<keyof typeof FACT_NAMES, string | number>>;

/** In the order in which they are compared: what is plain to a person comes first. */
const FACT_NAMES = {
  items: 'items',
  sessions: 'training sessions',
  events: 'training events',
  heldOut: 'held-out sessions',
  ids: 'the item ids (SHA-256)',
  content: "the sessions' events (SHA-256)",
} as const;

/** The flags that set an option. */
const FLAGS: Partial<Record<keyof GruTrainingOptions, string>> = { units: '--units', epochs: '--gru-epochs', seed: '--seed' };

/** Says what a training is made of. `heldOut`: the sessions that choose the epoch, null without. */
export function trainingFacts(ids: readonly string[], train: Sessions, heldOut: Sessions | null): TrainingFacts {
  const hash = createHash('sha256');
  for (const { items, offsets } of heldOut ? [train, heldOut] : [train]) {
    // Copies: the sessions may be views of one larger array.
    hash.update(new Uint8Array(items.slice().buffer)).update(new Uint8Array(offsets.slice().buffer));
  }
  return {
    items: ids.length,
    sessions: train.offsets.length - 1,
    events: train.items.length,
    heldOut: heldOut ? heldOut.offsets.length - 1 : 0,
    ids: createHash('sha256').update(JSON.stringify(ids)).digest('hex').slice(0, 16),
    content: hash.digest('hex').slice(0, 16),
  };
}

/** Writes a checkpoint in one step: whoever looks finds the one before or the whole new one. Throws `cli/bad-input`. */
export async function writeCheckpoint(path: string, checkpoint: GruCheckpoint): Promise<void> {
  const fresh = `${path}.${process.pid}.part`;
  try {
    const file = await open(fresh, 'w');
    try {
      await file.writeFile(encodeCheckpoint(checkpoint));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (cause) {
    await rm(fresh, { force: true });
    throw badInput(`--checkpoint ${path} cannot be written (${(cause as Error).message}).`, { path }, cause);
  }
}

/** Reads a checkpoint and holds it against the training it is to go on in. Throws `cli/bad-input` naming what differs. */
export async function readCheckpoint(path: string, options: GruTrainingOptions, facts: TrainingFacts): Promise<GruCheckpoint> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw badInput(`--resume ${path} cannot be read.`, { path }, cause);
  });
  const checkpoint = decodeCheckpoint(new Uint8Array(bytes), path);
  const differ = (what: string, before: unknown, now: unknown, hint: string): never => {
    throw badInput(`--resume ${path}: it was trained with ${what} ${before}, now it is ${now}. ${hint}`, { path, what, before, now });
  };
  for (const [name, words] of Object.entries(FACT_NAMES) as [keyof TrainingFacts, string][]) {
    const before = checkpoint.facts?.[name];
    if (before !== facts[name]) differ(words, before ?? 'unknown', facts[name], 'Resume with the events and catalogue it began with.');
  }
  for (const name of Object.keys(options) as (keyof GruTrainingOptions)[]) {
    const [before, now] = [checkpoint.options[name], options[name]];
    if (before !== now) differ(FLAGS[name] ?? name, before, now, 'Resume with the options it began with.');
  }
  return checkpoint;
}
