/**
 * The global build for static shops: one classic script that sets `window.Shelfmate`.
 *
 *   <script async src="https://cdn.example/shelfmate.iife.js" data-model="/model/"></script>
 *
 * Commands pushed before it has loaded are run then:
 *
 *   (window.Shelfmate = window.Shelfmate || []).push((shelfmate) => shelfmate.recommend({limit: 4}).then(show));
 */
import { RecommenderError } from './core/errors.js';
import { VERSION } from './core/version.js';
import { startClassicWorker } from './classicWorker.js';
import { createRecommenderWith } from './recommender.js';
import type { Recommender, RecommenderOptions } from './recommenderApi.js';
import { fillLists } from './scriptTagLists.js';

type Command = (shelfmate: ShelfmateGlobal) => unknown;

/** `window.Shelfmate`: the recommender of the tag's `data-model`, when it has one, and the means to make others. */
export type ShelfmateGlobal = Partial<Recommender> & {
  readonly VERSION: string;
  readonly RecommenderError: typeof RecommenderError;
  createRecommender(options: RecommenderOptions): Recommender;
  /** Runs the command now; before the script has loaded, the page's own array keeps it. */
  push(...commands: Command[]): void;
};

const tag = document.currentScript as HTMLScriptElement | null;
const scriptUrl = tag?.src || document.baseURI;

function createRecommender(options: RecommenderOptions): Recommender {
  return createRecommenderWith(options, () => startClassicWorker(options.worker, new URL('./worker.iife.js', scriptUrl)));
}

function start(): void {
  const page = globalThis as unknown as { Shelfmate?: ShelfmateGlobal | Command[] };
  const queued = Array.isArray(page.Shelfmate) ? page.Shelfmate : [];
  const options = readTag(tag?.dataset ?? {});
  const recommender = options ? createRecommender(options) : null;
  const shelfmate: ShelfmateGlobal = {
    ...recommender,
    VERSION,
    RecommenderError,
    createRecommender,
    push: (...commands) => commands.forEach((command) => run(command, shelfmate)),
  };
  page.Shelfmate = shelfmate;
  shelfmate.push(...queued);
  if (recommender) whenParsed(() => void fillLists(recommender, document).catch(report));
}

/** A command that throws must not stop the next one, nor the host page. */
function run(command: Command, shelfmate: ShelfmateGlobal): void {
  try {
    const result: unknown = command(shelfmate);
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}

function report(error: unknown): void {
  console.error('Shelfmate:', error);
}

function readTag({ model, backend, history, language }: DOMStringMap): RecommenderOptions | null {
  if (!model) return null;
  return {
    model,
    ...(backend && { backend: backend as NonNullable<RecommenderOptions['backend']> }),
    ...(history && { history: history as 'persistent' | 'memory' | 'off' }),
    ...(language && { language: language as NonNullable<RecommenderOptions['language']> }),
  };
}

function whenParsed(work: () => void): void {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', work, { once: true });
  else work();
}

try {
  start();
} catch (error) {
  report(error);
}
