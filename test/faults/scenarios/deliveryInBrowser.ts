import type { ServerResponse } from 'node:http';
import type { Page } from 'playwright';
import type { ModelUpdate } from '../../../src/index.js';
import type { Keys } from '../deliveryFolders.js';
import { makeFolder, makeKeys } from '../deliveryFolders.js';
import type { DeliveryFault } from '../deliveryRun.js';
import { DELIVERY_FAULTS } from '../deliveryRun.js';
import { FaultBrowser } from '../faultBrowser.js';
import type { FaultShop } from '../faultShop.js';
import type { Scenario } from '../scenario.js';
import { between } from '../scenario.js';

const LIMIT = 5;
const HTML = '<!doctype html><title>Not found</title>';
const MODEL = '/model/';

/** A revision as it lies on the server. */
interface Published {
  readonly revision: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The server's model folder, which can be made to fail at one file. */
class FaultyFolder {
  offered: ReadonlyMap<string, Uint8Array> = new Map();
  fault: { readonly kind: DeliveryFault; readonly path: string } | null = null;
  isAway = false;
  /** Files asked for, since it was last emptied. */
  asked: string[] = [];

  constructor(
    shop: FaultShop,
    readonly random: () => number,
  ) {
    shop.intercept = (path, response) => {
      if (!path.startsWith(MODEL)) return false;
      this.#answer(path.slice(MODEL.length), response);
      return true;
    };
  }

  #answer(path: string, response: ServerResponse): void {
    this.asked.push(path);
    if (this.isAway) return void response.destroy();
    const bytes = this.offered.get(path);
    const kind = this.fault?.path === path ? this.fault.kind : null;
    if (!bytes || kind === '404' || kind === '500') return void response.writeHead(kind === '500' ? 500 : 404).end(HTML);
    if (kind === 'html-200') return void response.setHeader('content-type', 'text/html').end(HTML);
    const part = bytes.subarray(0, between(this.random, 0, bytes.length));
    switch (kind) {
      case 'cut':
        response.setHeader('content-length', bytes.length);
        return void response.write(part, () => response.destroy());
      case 'stalled':
        response.setHeader('content-length', bytes.length);
        return void response.write(part);
      case 'short-200':
        return void response.end(part);
      case 'flipped': {
        const flipped = bytes.slice();
        flipped[between(this.random, 0, flipped.length)]! ^= 1 << between(this.random, 0, 8);
        return void response.end(flipped);
      }
      default:
        return void response.end(bytes);
    }
  }
}

/** Lists that a page is asked for all along, and what is wrong with them. */
class Watch {
  lists = 0;
  unserved = 0;
  /** Given by the page in time, while the worker was busy. */
  standIns = 0;
  badActivations = 0;
  allowed = new Set<string>();

  async list(page: Page): Promise<void> {
    this.lists++;
    const made = await page.evaluate((limit) => globalThis.recommender.recommend({ limit }).catch(() => null), LIMIT);
    if (made?.items.length !== LIMIT) this.unserved++;
    if (made?.degraded) this.standIns++;
    else if (made && !this.allowed.has(made.modelRevision)) this.badActivations++;
  }

  /** Asks for lists until `work` is done, and once more. */
  async during<T>(page: Page, work: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const done = work.finally(() => (state.isDone = true));
    while (!state.isDone) {
      await this.list(page);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await this.list(page);
    return done;
  }
}

function must(isSo: boolean, what: string, seen: unknown): void {
  if (!isSo) throw new Error(`${what}: ${JSON.stringify(seen)}`);
}

/** One page's life with one model: every fault once, then what is good. */
class Cycle {
  readonly total = { faults: 0, updated: 0, rolledBack: 0, offlineStarts: 0 };
  #second = 1;
  #page!: Page;

  constructor(
    readonly browser: FaultBrowser,
    readonly shop: FaultShop,
    readonly folder: FaultyFolder,
    readonly keys: Keys,
    readonly watch: Watch,
  ) {}

  async run(): Promise<void> {
    const { folder, watch, total } = this;
    const old = await this.#publish();
    watch.allowed = new Set([old.revision]);
    await this.#open('manual');
    const active = await this.#publish();
    await this.#update('updated', active);
    for (const fault of DELIVERY_FAULTS) {
      const next = await this.#make(fault);
      folder.offered = fault === 'old-manifest' ? old.files : next.files;
      const paths = [...next.files.keys()];
      folder.fault = { kind: fault, path: paths[between(folder.random, 0, paths.length)]! };
      const { outcome } = await this.#change(() => globalThis.recommender.model.update());
      must(outcome === 'refused' || outcome === 'failed', `a ${fault} update is ${outcome}`, folder.fault);
      total.faults++;
      const { active: serving, lastUpdate } = await this.#delivery();
      must(serving === active.revision && lastUpdate?.outcome === outcome, `after ${fault}`, { serving, lastUpdate });
      folder.fault = null;
      if (fault === 'self-test') await this.#staysBad(next);
    }
    const good = await this.#publish();
    await this.#update('updated', good);
    const back = await this.#change(() => globalThis.recommender.model.rollback(), active);
    must(back.outcome === 'rolled-back' && back.revision === active.revision, 'rollback', back);
    total.rolledBack++;
    await this.#update('refused', active); // It was rolled back by hand.
    const pinned = await this.#change((revision) => globalThis.recommender.model.pin(revision), good, good.revision);
    must(pinned.revision === good.revision, 'pin', pinned);
    const newer = await this.#publish();
    await this.#update('held', good);
    await this.#page.evaluate(() => globalThis.recommender.model.pin(null));
    await this.#update('updated', newer);
    await this.#startOffline(newer);
    folder.isAway = false;
    const last = await this.#publish();
    await this.#page.close();
    await this.#open('auto', last);
    await this.#page.close();
  }

  /** A revision that failed here costs a manifest and no more, on the next page too. */
  async #staysBad(bad: Published): Promise<void> {
    for (const isNext of [false, true]) {
      if (isNext) {
        await this.#page.close();
        await this.#open('manual');
      }
      this.folder.asked = [];
      const again = await this.#change(() => globalThis.recommender.model.update());
      must(again.outcome === 'refused' && again.revision === bad.revision, 'a bad revision again', again);
      must(this.folder.asked.join() === 'manifest.json', 'files of a bad revision', this.folder.asked);
    }
  }

  async #startOffline(active: Published): Promise<void> {
    await this.#page.close();
    this.folder.isAway = true;
    this.folder.asked = [];
    await this.#open('manual');
    must(this.folder.asked.length === 0, 'an offline start asks for', this.folder.asked);
    await this.#update('failed', active);
    this.total.offlineStarts++;
  }

  async #open(update: 'auto' | 'manual', next?: Published): Promise<void> {
    this.#page = await this.browser.openPage(this.shop.home);
    if (next) this.watch.allowed.add(next.revision);
    await this.#page.evaluate(
      (options) => {
        globalThis.changed = 0;
        globalThis.openShop(options as object).model.onChange(() => globalThis.changed++);
      },
      { update, publicKey: this.keys.publicKey },
    );
    await this.watch.during(
      this.#page,
      this.#page.evaluate(() => globalThis.recommender.ready.then(() => {})),
    );
    if (!next) return;
    await this.watch.during(
      this.#page,
      this.#page.waitForFunction(() => globalThis.changed === 1),
    );
    this.watch.allowed = new Set([next.revision]);
    await this.watch.list(this.#page);
    this.total.updated++;
  }

  async #publish(): Promise<Published> {
    const made = await this.#make(null);
    this.folder.offered = made.files;
    return made;
  }

  async #make(fault: DeliveryFault | null): Promise<Published> {
    const isBroken = fault === 'self-test' || fault === 'non-finite' ? fault : null;
    const folder = await makeFolder(this.#second++, isBroken);
    const keys = fault === 'wrong-signature' ? await makeKeys() : this.keys;
    return { revision: folder.manifest.revision, files: await keys.sign(folder) };
  }

  async #update(outcome: ModelUpdate['outcome'], serving: Published): Promise<void> {
    const update = await this.#change(() => globalThis.recommender.model.update(), serving);
    must(update.outcome === outcome, `an update that must be ${outcome}`, update);
    if (outcome === 'updated') this.total.updated++;
  }

  /** Changes the revision while lists are asked for; then only `serving` may serve, absent: what serves now. */
  async #change<T>(change: (argument: T) => Promise<ModelUpdate>, serving?: Published, argument?: T): Promise<ModelUpdate> {
    if (serving) this.watch.allowed.add(serving.revision);
    const update = await this.watch.during(this.#page, this.#page.evaluate(change as never, argument) as Promise<ModelUpdate>);
    if (serving) this.watch.allowed = new Set([serving.revision]);
    await this.watch.list(this.#page);
    return update;
  }

  #delivery(): Promise<{ readonly active: string | null; readonly lastUpdate: ModelUpdate | null }> {
    return this.#page.evaluate(async () => (await globalThis.recommender.status()).delivery);
  }
}

declare global {
  var changed: number;
}

export const deliveryInBrowser: Scenario = {
  name: 'delivery-browser',
  fault: 'each of those once, in a browser; then a good update, rollback, pin, a start with the server away, an update by itself',
  smallCount: 1,
  longCount: 20,
  must: { badActivations: 0, unserved: 0, errors: 0 },
  async run({ shop, count, random, onProgress }) {
    const browser = new FaultBrowser();
    const keys = await makeKeys();
    const watch = new Watch();
    const totals = { faults: 0, updated: 0, rolledBack: 0, offlineStarts: 0 };
    try {
      for (let done = 0; done < count; done++) {
        await browser.start();
        const page = await browser.openPage(shop.home);
        await page.evaluate(() => indexedDB.deleteDatabase('shelfmate'));
        await page.close();
        const cycle = new Cycle(browser, shop, new FaultyFolder(shop, random), keys, watch);
        await cycle.run();
        for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += cycle.total[name];
        await browser.stop();
        onProgress(done + 1);
      }
      const { lists, unserved, standIns, badActivations } = watch;
      return { cycles: count, ...totals, lists, unserved, standIns, badActivations, errors: browser.errors.length };
    } finally {
      shop.intercept = null;
      await browser.remove();
    }
  },
};
