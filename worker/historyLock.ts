/** The tab that holds this lock owns the mirror. IndexedDB needs none: its transactions follow each other in all tabs. */
export const HISTORY_LOCK = 'shelfmate-history';
