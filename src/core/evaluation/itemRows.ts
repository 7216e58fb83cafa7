import type { EventTable } from '../metrics/eventTable.js';
import type { RowMap } from '../metrics/scorer.js';
import type { InteractionLog } from '../events/interactionLog.js';

/** Gives every item that a folder or a file names a row of the test, in the order in which they are added. */
export class ItemRows {
  readonly ids: string[] = [];
  readonly #rows = new Map<string, number>();

  add(ids: Iterable<string>): void {
    for (const id of ids) {
      if (this.#rows.has(id)) continue;
      this.#rows.set(id, this.ids.length);
      this.ids.push(id);
    }
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** Rows of a folder with these ids, in its order. All must have been added. */
  mapOf(folderIds: readonly string[]): RowMap {
    const toTest = Uint32Array.from(folderIds, (id) => this.#rows.get(id)!);
    const toFolder = new Int32Array(this.ids.length).fill(-1);
    toTest.forEach((row, folderRow) => (toFolder[row] = folderRow));
    return { toFolder, toTest };
  }

  /** The events of a log by these rows. All its items must have been added. */
  tableOf(log: InteractionLog): EventTable {
    return log.byUser(
      Int32Array.from(log.itemIds, (id) => this.#rows.get(id)!),
      this.ids.length,
    );
  }
}
