import { RecommenderError, show } from '../errors.js';

/** A comparison between arms that the device itself draws. */
export interface Experiment {
  readonly name: string;
  /** Shares of shoppers; they need not sum to 1. */
  readonly arms: Readonly<Record<string, number>>;
  /**
   * Share of shoppers, 0 to 1, who take part in no experiment of this hold-out and get the plain lists: what they do without measures
   * all experiments together. Default 0.
   */
  readonly holdOut?: number;
  /** Change it to draw anew. Default empty. */
  readonly salt?: string;
}

export interface Assignment {
  readonly experiment: string;
  /** {@link HOLD_OUT} or one of the arms. */
  readonly arm: string;
}

export const HOLD_OUT = 'hold-out';

/**
 * Draws the arm of a device: the same answer for the same id, experiment and salt, on every page and visit; independent between
 * experiments, whose names enter the hash. The hold-out is drawn without the experiment's name, so that the same shoppers are held out
 * of every experiment with the same share and salt. Throws `input/invalid`.
 */
export function assignArm(deviceId: string, { name, arms, holdOut = 0, salt = '' }: Experiment): Assignment {
  const shares = Object.entries(arms);
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  if (shares.length === 0 || !shares.every(([, share]) => share >= 0) || !(total > 0) || !Number.isFinite(total)) {
    throw new RecommenderError(
      'input/invalid',
      `The experiment ${show(name)} has the arms ${show(arms)}. Name at least one, each with its share: {plain: 0.5, diverse: 0.5}.`,
      { name },
    );
  }
  if (Object.hasOwn(arms, HOLD_OUT)) {
    throw new RecommenderError('input/invalid', `The experiment ${show(name)} calls an arm ${show(HOLD_OUT)}. Set holdOut instead.`, {
      name,
    });
  }
  if (!(holdOut >= 0 && holdOut <= 1)) {
    throw new RecommenderError('input/invalid', `The experiment ${show(name)} has holdOut ${show(holdOut)}. Use a share from 0 to 1.`, {
      name,
    });
  }
  if (hashToUnit(['hold-out', salt, deviceId]) < holdOut) return { experiment: name, arm: HOLD_OUT };
  const draw = hashToUnit(['arm', name, salt, deviceId]) * total;
  let upTo = 0;
  for (const [arm, share] of shares) {
    upTo += share;
    if (draw < upTo) return { experiment: name, arm };
  }
  // Sums of shares may round below the total: the last arm that has a share takes the rest.
  return { experiment: name, arm: shares.findLast(([, share]) => share > 0)![0] };
}

/** Hashes texts to a number in [0, 1) of 53 bits. Their lengths enter, so that ["ab", "c"] and ["a", "bc"] differ. */
export function hashToUnit(parts: readonly string[]): number {
  const [high, low] = hash64(parts.map((part) => `${part.length}:${part}`).join(''));
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

/**
 * Hashes a text to two u32: each lane is MurmurHash3 x86_32 (Austin Appleby 2011, public domain) over UTF-16 code units, one a block,
 * with a seed of its own; the lanes are mixed at the end.
 */
function hash64(text: string): [number, number] {
  let a = 0x9747_b28c;
  let b = 0x3c6e_f372;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = block(a, unit);
    b = block(b, unit ^ 0x5bd1_0000);
  }
  a = finish(a ^ text.length);
  b = finish(b ^ text.length);
  return [finish(a + Math.imul(b, 0x85eb_ca6b)), finish(b ^ a)];
}

function block(hash: number, unit: number): number {
  let k = Math.imul(unit, 0xcc9e_2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b87_3593);
  const mixed = hash ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe654_6b64) | 0;
}

/** The avalanche of MurmurHash3: every bit of the input reaches every bit of the result. */
function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
