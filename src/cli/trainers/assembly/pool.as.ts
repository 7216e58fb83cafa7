/** Runs one task of a phase on a thread. */
type Task = (phase: i32, task: i32, thread: i32) => void;

/**
 * A phase is a number of tasks that do not depend on each other. Threads claim them one by one; which thread runs a task never
 * changes its result. `CLAIM` holds generation, phase, task count and next task in one word, so a thread that comes late to a phase
 * finds nothing to claim and cannot take a task of another phase for one of its own.
 */
const CLAIM: usize = 0;
const COMPLETED: usize = 64;
const GENERATION: usize = 128;
const STOPPED: usize = 192;
/** Looks at the generation before a thread lies down: about 50 microseconds. */
const SPINS: i32 = 40_000;

let runTask: Task = (): void => {};
let generation: i32 = 0;
let isAlone = false;
/** 0 on the calling thread. */
export let threadIndex: i32 = 0;

/** With `alone` the calling thread runs all tasks itself, and the others lie down. */
export function setAlone(alone: bool): void {
  isAlone = alone;
}

/** Says what a task is; called once, as the module starts, on every thread. */
export function setTask(task: Task): void {
  runTask = task;
}

/** Runs a phase on all threads and returns when it is done. */
export function runPhase(phase: i32, count: i32): void {
  if (isAlone) {
    for (let task = 0; task < count; task++) runTask(phase, task, 0);
    return;
  }
  atomic.store<i32>(COMPLETED, 0);
  generation = (generation + 1) & 0xffffff;
  atomic.store<i64>(CLAIM, ((<i64>generation) << 40) | ((<i64>phase) << 32) | ((<i64>count) << 16));
  atomic.store<i32>(GENERATION, generation);
  atomic.notify(GENERATION, -1);
  claimTasks();
  let spins: i32 = 0;
  for (let done = atomic.load<i32>(COMPLETED); done != count; done = atomic.load<i32>(COMPLETED)) {
    // The last tasks are running elsewhere. Where that takes long, the processor is left to them.
    if (++spins > SPINS) atomic.wait<i32>(COMPLETED, done, -1);
  }
}

/** Serves phases on a worker thread until `stop`. */
export function serve(index: i32): void {
  threadIndex = index;
  let seen: i32 = 0;
  let spins: i32 = 0;
  while (atomic.load<i32>(STOPPED) == 0) {
    const now = atomic.load<i32>(GENERATION);
    if (now != seen) {
      seen = now;
      spins = 0;
      claimTasks();
    } else if (++spins > SPINS) {
      spins = 0;
      atomic.wait<i32>(GENERATION, seen, -1);
    }
  }
}

/** Ends `serve` on every worker thread. */
export function stop(): void {
  atomic.store<i32>(STOPPED, 1);
  atomic.add<i32>(GENERATION, 1);
  atomic.notify(GENERATION, -1);
}

function claimTasks(): void {
  for (;;) {
    const claim = atomic.load<i64>(CLAIM);
    const next = <i32>(claim & 0xffff);
    const count = <i32>((claim >> 16) & 0xffff);
    if (next >= count) return;
    if (atomic.cmpxchg<i64>(CLAIM, claim, claim + 1) != claim) continue;
    runTask(<i32>((claim >> 32) & 0xff), next, threadIndex);
    if (atomic.add<i32>(COMPLETED, 1) == count - 1) atomic.notify(COMPLETED, 1);
  }
}
