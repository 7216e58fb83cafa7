/** What a trainer tells while it works. */
export interface TrainerHooks {
  /** Called now and then with the share done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  /** Awaited now and then: gives other work its turn, and throws when the run was stopped. */
  readonly pause?: () => Promise<void>;
}
