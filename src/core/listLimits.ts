export const DEFAULT_LIMIT = 10;
export const MAX_LIMIT = 200;
