const SYMBOLS: Readonly<Record<string, string>> = { $: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY', '₹': 'INR', zł: 'PLN' };

export interface Price {
  readonly amount: number;
  /** ISO 4217, or null when the text names none. */
  readonly currency: string | null;
}

/** Reads "15.00 USD", "$1,299.00", "15,99 €", 15, or {"value": 15, "currency": "USD"}; null when it is no price. */
export function readPrice(value: unknown): Price | null {
  if (typeof value === 'number') return Number.isFinite(value) ? { amount: value, currency: null } : null;
  if (typeof value === 'object' && value !== null) {
    const { value: inner, amount, price, currency, priceCurrency } = value as Record<string, unknown>;
    const read = readPrice(inner ?? amount ?? price ?? null);
    const code = currency ?? priceCurrency;
    return read && { amount: read.amount, currency: typeof code === 'string' ? code : read.currency };
  }
  if (typeof value !== 'string') return null;
  const digits = /-?\d[\d.,' \u00a0]*/.exec(value)?.[0].trim();
  if (digits === undefined) return null;
  const amount = Number(plainNumber(digits));
  if (!Number.isFinite(amount)) return null;
  const code = /\b[A-Z]{3}\b/.exec(value)?.[0];
  const symbol = Object.keys(SYMBOLS).find((sign) => value.includes(sign));
  return { amount, currency: code ?? (symbol === undefined ? null : SYMBOLS[symbol]!) };
}

/** The last of dot and comma is the decimal sign, unless it groups thousands ("1,299", "1.234.567"). */
function plainNumber(digits: string): string {
  const text = digits.replace(/[' \u00a0]/g, '').replace(/[.,]$/, '');
  const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
  if (last < 0) return text;
  const sign = text[last]!;
  const isGrouping =
    text.length - last === 4 &&
    (sign === ',' || text.indexOf(sign) !== last) &&
    !(sign === ',' && text.includes('.') && text.indexOf('.') > last);
  const whole = text.slice(0, last).replace(/[.,]/g, '');
  return isGrouping ? whole + text.slice(last + 1) : `${whole}.${text.slice(last + 1)}`;
}

/** Reads "in stock", in_stock, InStock, https://schema.org/InStock, true, yes, or a number of pieces; undefined when unclear. */
export function readInStock(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value > 0;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (/^-?\d+(\.\d+)?$/.test(value.trim())) return Number(value) > 0;
  const word = value
    .toLowerCase()
    .replace(/^.*schema\.org\//, '')
    .replace(/[^a-z]/g, '');
  if (
    [
      'instock',
      'true',
      'yes',
      'available',
      'limitedavailability',
      'lowstock',
      'onlineonly',
      'preorder',
      'presale',
      'backorder',
      'onbackorder',
    ].includes(word)
  )
    return true;
  if (['outofstock', 'false', 'no', 'soldout', 'discontinued', 'unavailable', 'notavailable'].includes(word)) return false;
  return undefined;
}
