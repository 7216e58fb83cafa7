/** Blocks that are measured before each choice, in turn with all threads and alone. */
const TRIALS = 6;
/** Blocks that run by a choice. */
const BLOCKS_PER_CHOICE = 120;
/** The other cores are used only where they save at least this much: they are someone else's too. */
const LEAST_GAIN = 1.1;

/**
 * Chooses between one thread and all while a training runs, from the speed of its own blocks of steps: where the other cores are busy,
 * waiting for them costs more than they do. It measures anew now and then, since other programs come and go. The results of a training
 * do not depend on it.
 */
export class ThreadChoice {
  /** Whether the next block is to run on the calling thread alone. */
  isAlone = false;
  #blocks = 0;
  #trials: { readonly isAlone: boolean; readonly rate: number }[] = [];

  /** Takes in the block that just ran. */
  add(events: number, elapsedMs: number): void {
    this.#blocks++;
    if (this.#blocks <= TRIALS) {
      this.#trials.push({ isAlone: this.isAlone, rate: events / Math.max(1e-3, elapsedMs) });
      this.isAlone = this.#blocks < TRIALS ? !this.isAlone : !this.#pays();
    } else if (this.#blocks === TRIALS + BLOCKS_PER_CHOICE) {
      this.#blocks = 0;
      this.#trials = [];
      this.isAlone = false;
    }
  }

  /** The best block of each: what else ran meanwhile made the others slower. */
  #pays(): boolean {
    const best = (isAlone: boolean): number =>
      Math.max(...this.#trials.filter((trial) => trial.isAlone === isAlone).map(({ rate }) => rate));
    return best(false) >= LEAST_GAIN * best(true);
  }
}
