import type { Sessions } from './sessions.js';

/** What happens to the hidden states when the batch goes on. */
export interface StateMoves {
  /** A new session begins in the row. */
  reset(row: number): void;
  /** The row `from` becomes the row `to`. */
  move(from: number, to: number): void;
}

/**
 * Session-parallel mini-batches (Hidasi et al. 2016, section 3.1.1): each row walks through a session, item by item; when it ends,
 * the next session takes its place with a fresh state. Nothing is padded: when no session is left, the batch gets smaller.
 * Sessions with a single item predict nothing and are passed over.
 */
export class SessionBatches {
  /** Live rows; those of `inputs` and `targets` behind them mean nothing. 0: all is done. */
  live = 0;
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
  readonly #positions: Uint32Array;
  readonly #ends: Uint32Array;
  #next = 0;

  /** `order`: the sessions to walk through, in this order. */
  constructor(
    readonly sessions: Sessions,
    readonly order: Uint32Array,
    batchSize: number,
  ) {
    this.inputs = new Int32Array(batchSize);
    this.targets = new Int32Array(batchSize);
    this.#positions = new Uint32Array(batchSize);
    this.#ends = new Uint32Array(batchSize);
  }

  /** Fills the rows for the first time. */
  start(moves: StateMoves): void {
    while (this.live < this.inputs.length && this.#open(this.live)) moves.reset(this.live++);
    this.#fill();
  }

  /** Carries each row one event on. */
  advance(moves: StateMoves): void {
    for (let row = 0; row < this.live; row++) {
      // The last item of a session is a target only.
      if (++this.#positions[row]! + 1 < this.#ends[row]!) continue;
      if (this.#open(row)) {
        moves.reset(row);
        continue;
      }
      const last = --this.live;
      if (row === last) continue;
      this.#positions[row] = this.#positions[last]!;
      this.#ends[row] = this.#ends[last]!;
      moves.move(last, row--);
    }
    this.#fill();
  }

  #open(row: number): boolean {
    const { offsets } = this.sessions;
    while (this.#next < this.order.length) {
      const session = this.order[this.#next++]!;
      if (offsets[session + 1]! - offsets[session]! < 2) continue;
      this.#positions[row] = offsets[session]!;
      this.#ends[row] = offsets[session + 1]!;
      return true;
    }
    return false;
  }

  #fill(): void {
    const { items } = this.sessions;
    for (let row = 0; row < this.live; row++) {
      const position = this.#positions[row]!;
      this.inputs[row] = items[position]!;
      this.targets[row] = items[position + 1]!;
    }
  }
}

/** 0 .. count - 1. */
export function ascending(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}
