import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, CDPSession, Page } from 'playwright';
import { chromium } from 'playwright';
import { chromiumFlags } from '../fixtures/chromiumFlags.js';

interface OsProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly command: string;
}

/**
 * A Chromium with a profile of its own, that can be killed and started again on it. Only processes that descend from the one
 * that was started with this profile's folder are ever signalled, each by its id.
 */
export class FaultBrowser {
  readonly profile = mkdtempSync(join(tmpdir(), 'shelfmate-faults-'));
  /** Uncaught errors of all pages so far. */
  readonly errors: string[] = [];
  #context: BrowserContext | null = null;

  constructor(readonly options: { readonly flags?: readonly string[]; readonly leaveOutFlags?: readonly string[] } = {}) {}

  get isRunning(): boolean {
    return this.#context !== null;
  }

  get context(): BrowserContext {
    if (!this.#context) throw new Error('The browser is not running.');
    return this.#context;
  }

  async start(): Promise<BrowserContext> {
    const executablePath = process.env['SHELFMATE_CHROMIUM'];
    this.#context = await chromium.launchPersistentContext(this.profile, {
      ...(executablePath && { executablePath }),
      // No renderer in reserve: the one that appears with a page is that page's.
      args: [...chromiumFlags, '--disable-features=SpareRendererForSitePerProcess,HttpsUpgrades,Translate', ...(this.options.flags ?? [])],
      ...(this.options.leaveOutFlags && { ignoreDefaultArgs: [...this.options.leaveOutFlags] }),
      handleSIGINT: false,
    });
    return this.#context;
  }

  /** Opens a page of the shop; what it reports by `acked` goes to `onAcked`. */
  async openPage(url: string, prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
    // The browser may still be busy with the death of a renderer that it had in reserve.
    const page = await this.context.newPage().catch(() => pause(300).then(() => this.context.newPage()));
    page.on('pageerror', (error) => this.errors.push(String(error)));
    await prepare?.(page);
    await page.goto(url);
    await page.waitForFunction(() => 'isLoaded' in globalThis);
    return page;
  }

  async cdp(page: Page): Promise<CDPSession> {
    return this.context.newCDPSession(page);
  }

  /** This profile's processes, the browser itself first. */
  processes(): OsProcess[] {
    const all = listProcesses();
    const isOurs = (one: OsProcess): boolean => one.command.includes(`--user-data-dir=${this.profile}`) && !one.command.includes('--type=');
    const family = all.filter(isOurs);
    for (const parent of family) family.push(...all.filter((one) => one.parentPid === parent.pid && !family.includes(one)));
    return family;
  }

  rendererPids(): number[] {
    return this.processes()
      .filter(({ command }) => command.includes('--type=renderer'))
      .map(({ pid }) => pid);
  }

  /** SIGKILLs every process of this profile; resolves once the browser is gone. */
  async killBrowser(): Promise<void> {
    const { context } = this;
    const gone = new Promise((resolve) => context.once('close', resolve));
    for (const { pid } of this.processes()) signal(pid, 'SIGKILL');
    await gone;
    this.#context = null;
    while (this.processes().length > 0) await pause(5);
  }

  async stop(): Promise<void> {
    const context = this.#context;
    this.#context = null;
    await context?.close();
    while (this.processes().length > 0) await pause(10);
  }

  async remove(): Promise<void> {
    if (this.#context) await this.killBrowser();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Sends a signal to one process; one that is gone already is fine. */
export function signal(pid: number, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function listProcesses(): OsProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parentPid: Number(parentPid), command }];
      } catch {
        return []; // Gone meanwhile.
      }
    });
}
