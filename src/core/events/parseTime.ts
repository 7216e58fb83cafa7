const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;

/**
 * Reads a time in milliseconds since 1970, NaN when it is none. Numbers are seconds, milliseconds, microseconds or
 * nanoseconds by their magnitude; dates are ISO 8601 (`2011-12-09 12:50:00` too), eight digits, or what JavaScript parses.
 * A date without a zone is UTC, so that the same file gives the same model everywhere.
 */
export function parseTime(value: unknown): number {
  const timeMs = parseAny(value);
  return Math.abs(timeMs) <= LAST_DATE_MS ? timeMs : NaN;
}

/** The last moment a Date can hold. */
const LAST_DATE_MS = 8.64e15;

function parseAny(value: unknown): number {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return NaN;
  const text = value.trim();
  const compact = COMPACT.exec(text);
  if (compact && Number(compact[1]) >= 1990 && Number(compact[1]) < 2100 && Number(compact[2]) <= 12) {
    return Date.UTC(Number(compact[1]), Number(compact[2]) - 1, Number(compact[3]));
  }
  if (/^\d+(\.\d*)?(e\+?\d+)?$/i.test(text)) return fromNumber(Number(text));
  const iso = ISO.exec(text);
  if (!iso) return Date.parse(/(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text} UTC`);
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = iso;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return local + Math.floor(1000 * Number(`0.${fraction}`)) - zoneOffsetMs(zone);
}

function fromNumber(value: number): number {
  if (!Number.isFinite(value) || value < 0) return NaN;
  if (value < 1e11) return value * 1e3;
  if (value < 1e14) return value;
  return value < 1e17 ? value / 1e3 : value / 1e6;
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z' || zone === 'UTC') return 0;
  const minutes = 60 * Number(zone.slice(1, 3)) + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
