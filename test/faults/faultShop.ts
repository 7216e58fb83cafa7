import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import type { HistoryEntry, RecommenderStatus, RecordResult } from '../../src/index.js';
import type { Recommender, RecommenderOptions } from '../../src/index.js';
import type { Site } from '../fixtures/siteServer.js';
import { startSite } from '../fixtures/siteServer.js';
import { smallFolder } from '../fixtures/smallModel.js';
import { writeFolder } from '../fixtures/writeFolder.js';

declare global {
  var recommender: Recommender;
  var openShop: (options?: Partial<RecommenderOptions>) => Recommender;
  /** Records events `PREFIX-0`, `PREFIX-1`, ... one after the other, for ever. */
  var recordOnAndOn: (prefix: string) => Promise<void>;
  var acked: (itemId: string, storage: string) => Promise<void>;
  var isLoaded: true;
  var cameFromCache: boolean | undefined;
}

const PAGE = `<!doctype html><html lang="en"><title>shop</title><script type="module">
import { createRecommender } from '/shelfmate/index.js';
globalThis.openShop = (options) => (globalThis.recommender = createRecommender({ model: '/model/', ...options }));
globalThis.recordOnAndOn = async (prefix) => {
  for (let n = 0; ; n++) {
    const itemId = prefix + '-' + n;
    const { storage } = await recommender.record({ event: 'view_item', items: [{ item_id: itemId }] });
    void acked(itemId, storage);
  }
};
globalThis.isLoaded = true;
</script></html>`;

export interface FaultShop extends Site {
  /** A page that has loaded the package but opened nothing. */
  readonly home: string;
  close(): Promise<void>;
}

/**
 * Serves the built package, as it is now (a long run does not mind a new build), and a small model. The port stays for the
 * whole run, and with it the origin.
 */
export async function openFaultShop(itemCount = 200): Promise<FaultShop> {
  const modelFolder = writeFolder(await smallFolder({ itemCount }));
  const packageFolder = mkdtempSync(join(tmpdir(), 'shelfmate-dist-'));
  for (const file of readdirSync('dist').filter((name) => name.endsWith('.js'))) cpSync(join('dist', file), join(packageFolder, file));
  const site = await startSite({ folders: { '/shelfmate/': packageFolder, '/model/': modelFolder }, pages: { '/': PAGE, '/other': PAGE } });
  const close = site.close;
  return Object.assign(site, {
    home: `${site.url}/`,
    async close() {
      await close();
      for (const folder of [modelFolder, packageFolder]) rmSync(folder, { recursive: true });
    },
  });
}

export interface HistorySeen {
  readonly itemIds: string[];
  readonly status: RecommenderStatus;
  /** How often the device was not ready: right after a crash, on a busy machine, the database may take long to open. */
  readonly refusals: number;
}

/**
 * What a page knows of its history, after writes of its own went through: then the database was held against the mirror.
 * A refusal (`storage/failed`) promises nothing and is asked again, some times.
 */
export async function readHistory(page: Page): Promise<HistorySeen> {
  const { entries, status, refusals } = await page.evaluate(async () => {
    for (let refusals = 0; ; refusals++) {
      try {
        await globalThis.recommender.record({ event: 'view_item', items: [{ item_id: 'probe' }] });
        await globalThis.recommender.history.forget({ itemId: 'probe' });
        return { entries: await globalThis.recommender.history.list(), status: await globalThis.recommender.status(), refusals };
      } catch (error) {
        if ((error as { code?: string }).code !== 'storage/failed' || refusals === 5) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5_000));
      }
    }
  });
  return { itemIds: entries.map(({ itemId }: HistoryEntry) => itemId), status, refusals };
}

export function record(page: Page, itemId: string): Promise<RecordResult> {
  return page.evaluate((id) => globalThis.recommender.record({ event: 'view_item', items: [{ item_id: id }] }), itemId);
}

export function listIds(page: Page): Promise<string[]> {
  return page.evaluate(async () => (await globalThis.recommender.history.list()).map(({ itemId }) => itemId));
}

/** Keeps account of what must be there: every acknowledged event once, and nothing that was cleared. */
export class Ledger {
  readonly #expected = new Set<string>();
  readonly #cleared = new Set<string>();
  readonly storages: Record<string, number> = { mirrored: 0, stored: 0, memory: 0 };
  readonly figures = { acknowledged: 0, lost: 0, doubled: 0, cameBack: 0 };

  get size(): number {
    return this.#expected.size;
  }

  /** Counts an acknowledgement; only what was acknowledged as `mirrored` must survive everything. */
  note(itemId: string, storage: string): void {
    this.storages[storage] = (this.storages[storage] ?? 0) + 1;
    if (storage !== 'mirrored') return;
    this.figures.acknowledged++;
    this.#expected.add(itemId);
  }

  noteCleared(itemIds: Iterable<string> = this.#expected): void {
    for (const itemId of itemIds) {
      this.#cleared.add(itemId);
      this.#expected.delete(itemId);
    }
  }

  /** Stops expecting what was acknowledged since: it may be there or not. */
  noteUnknown(): void {
    this.#expected.clear();
  }

  /** What must be in a history that is read from now on, whatever is acknowledged meanwhile. */
  expected(): ReadonlySet<string> {
    return new Set(this.#expected);
  }

  /** Holds a history against the account. What is lost is counted once. */
  check(itemIds: readonly string[], expected: ReadonlySet<string> = this.expected()): void {
    const present = new Set(itemIds);
    this.figures.doubled += itemIds.length - present.size;
    for (const itemId of present) if (this.#cleared.has(itemId)) this.figures.cameBack++;
    for (const itemId of expected) {
      if (present.has(itemId)) continue;
      this.figures.lost++;
      this.#expected.delete(itemId);
    }
  }
}
