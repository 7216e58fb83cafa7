import type { Manifest } from '../artifact/manifest.js';
import type { ReadFile, ScratchBytes } from '../artifact/readModelFolder.js';
import type { ContentTable, ContentTerms } from '../artifact/tables/contentTable.js';
import { readContent, readContentTerms, readFactorMap } from '../artifact/tables/contentTable.js';
import type { NeighborTable } from '../artifact/tables/neighborTable.js';
import { readNeighbors } from '../artifact/tables/neighborTable.js';
import { readPrototypes } from '../artifact/tables/prototypeTable.js';
import { readTables } from '../artifact/tables/readTables.js';
import type { FolderTables, NeighborKind } from '../artifact/tables/tableEntries.js';
import type { TrendTable } from '../artifact/tables/trendTable.js';
import { readTrends } from '../artifact/tables/trendTable.js';
import { NeighborModel } from '../models/neighborModel.js';
import { PrototypeModel } from '../models/prototypeModel.js';

/** The tables of a folder, each read when first asked for and kept; one that could not be read is asked for again. Null: there is none. */
export class FolderTableReader {
  readonly entries: FolderTables;
  readonly #read: ReadFile;
  readonly #kept = new Map<string, Promise<unknown>>();

  /** Throws `artifact/bad-manifest`. */
  constructor(
    readonly manifest: Manifest,
    read: ReadFile,
    readonly scratchBytes: ScratchBytes | null,
  ) {
    this.entries = readTables(manifest);
    this.#read = read;
  }

  /** The table that ranks for shoppers where the folder says so, else the first of these kinds. */
  async neighbors(...kinds: NeighborKind[]): Promise<NeighborModel | null> {
    const { neighbors, primary } = this.entries;
    const fitting = neighbors.filter(({ kind }) => kinds.includes(kind));
    const entry = fitting.find(({ name }) => name === primary) ?? fitting[0];
    if (!entry) return null;
    return this.#keep(entry.name, async () => new NeighborModel(await readNeighbors(this.manifest, entry, this.#read)));
  }

  /** What is bought together: counted baskets, else rules that the folder was given. */
  async baskets(): Promise<NeighborTable | null> {
    return ((await this.neighbors('co-purchase')) ?? (await this.neighbors('rules')))?.table ?? null;
  }

  async trends(): Promise<TrendTable | null> {
    const entry = this.entries.trends;
    return entry && this.#keep('tables/trends', () => readTrends(this.manifest, entry, this.#read));
  }

  async content(): Promise<ContentTable | null> {
    const entry = this.entries.content;
    return entry && this.#keep('tables/content', () => readContent(this.manifest, entry, this.#read, this.scratchBytes));
  }

  async contentTerms(): Promise<ContentTerms | null> {
    const entry = this.entries.content;
    return entry && this.#keep('tables/terms', () => readContentTerms(this.manifest, entry, this.#read));
  }

  async factorMap(): Promise<Float32Array | null> {
    const entry = this.entries.content;
    return entry && this.#keep('tables/map', () => readFactorMap(this.manifest, entry, this.#read));
  }

  async prototypes(): Promise<PrototypeModel | null> {
    const entry = this.entries.prototypes;
    return entry && this.#keep('tables/prototypes', async () => new PrototypeModel(await readPrototypes(this.manifest, entry, this.#read)));
  }

  #keep<T>(name: string, read: () => Promise<T>): Promise<T> {
    let reading = this.#kept.get(name) as Promise<T> | undefined;
    if (!reading) {
      reading = read();
      this.#kept.set(name, reading);
      reading.catch(() => this.#kept.delete(name));
    }
    return reading;
  }
}
