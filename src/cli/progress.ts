import type { ProgressStep } from '../core/evaluation/evaluationHost.js';
import type { CliIo } from './cliIo.js';

/** Shows steps on stderr, one after the other. */
export interface Progress {
  start(label: string): ProgressStep;
  /** Takes a bar that is still drawn off the screen. */
  stop(): void;
}

/** Without a terminal a step says where it stands at most so often. */
const LINE_INTERVAL_MS = 5_000;
const LABEL_WIDTH = 14;

/** Draws bars on a terminal, writes a line now and then elsewhere (a log file, CI). */
export async function createProgress(io: CliIo, isQuiet: boolean): Promise<Progress> {
  if (isQuiet) return { start: () => ({ update: () => {}, finish: () => {} }), stop: () => {} };
  return io.stderr.isTTY ? createBars(io) : createLines(io);
}

async function createBars(io: CliIo): Promise<Progress> {
  const { default: cliProgress } = await import('cli-progress');
  let running: { stop(): void } | null = null;
  return {
    start: (label) => {
      const bar = new cliProgress.SingleBar({
        // The types ask for a whole Node stream; only what TextOut names is used on top of a terminal's.
        stream: io.stderr as NodeJS.WritableStream,
        format: `${label.padEnd(LABEL_WIDTH)} [{bar}] {percentage} %  {detail}`,
        barsize: 30,
        barCompleteChar: '=',
        barIncompleteChar: ' ',
        hideCursor: true,
        fps: 8,
      });
      bar.start(1000, 0, { detail: '' });
      running = bar;
      return {
        update: (done, detail = '') => bar.update(Math.round(1000 * done), { detail }),
        finish: (detail = '') => {
          bar.update(1000, { detail });
          bar.stop();
          running = null;
        },
      };
    },
    stop: () => running?.stop(),
  };
}

function createLines(io: CliIo): Progress {
  return {
    start: (label) => {
      let lastMs = io.now();
      return {
        update: (done, detail = '') => {
          if (io.now() - lastMs < LINE_INTERVAL_MS) return;
          lastMs = io.now();
          io.stderr.write(`${label}: ${Math.round(100 * done)} %${detail && `, ${detail}`}\n`);
        },
        finish: (detail = '') => io.stderr.write(`${label}: done${detail && `, ${detail}`}\n`),
      };
    },
    stop: () => {},
  };
}
