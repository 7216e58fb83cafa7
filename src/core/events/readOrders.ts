import { badInput, throwIfAborted } from './inputErrors.js';
import type { InteractionLog } from './interactionLog.js';
import { oneLine } from '../plainWords.js';
import { matchColumns, normalizeColumn } from './columnNames.js';
import { addRecord } from './eventRecord.js';
import type { OrdersFormat, OrdersRole } from './ordersFormat.js';
import { DEAD_STATUS, ORDERS_PROFILES } from './ordersFormat.js';
import { describePersonal } from './personalColumns.js';
import type { EventsFile, OnRead } from './eventsFile.js';

export interface ReadOrders {
  /** Role -> column name. */
  readonly columns: ReadonlyMap<string, string>;
  readonly note: string;
}

/** What stands on an order's first line only, or on all of them. */
interface OrderFacts {
  readonly customerId: string;
  readonly email: string;
  readonly time: string;
  readonly status: string;
  readonly cancelledAt: string;
}

const ORDER_ROLES = ['customerId', 'email', 'time', 'status', 'cancelledAt'] as const;

/**
 * Streams an orders export of a shop system: one line per line item (order fields on every line, or on an order's first line only), or
 * one line per order with WooCommerce's `line_item_1`, `line_item_2`, ... Customers become numbers: an e-mail address serves as a key
 * while reading and is kept nowhere. Cancelled, failed and refunded orders are dropped.
 * `overrides`: "user", "item", "time", "order", "quantity", "title" -> column name. Throws `input/bad-file`.
 */
export async function readOrders(
  file: EventsFile,
  format: OrdersFormat,
  delimiter: string,
  log: InteractionLog,
  overrides: ReadonlyMap<string, string>,
  signal: AbortSignal,
  onRead?: OnRead,
): Promise<ReadOrders> {
  let columns: Map<OrdersRole, string> | null = null;
  let lineItems: number[] = [];
  let note = '';
  let at: Partial<Record<OrdersRole, number>> = {};
  let order = '';
  let facts: OrderFacts | null = null;
  const customers = new Map<string, number>();
  for await (const raw of file.records(delimiter, onRead)) {
    const cells = raw.map((cell) => cell.trim());
    if (!columns) {
      columns = matchOrderColumns(file.name, format, cells, overrides);
      at = Object.fromEntries([...columns].map(([role, name]) => [role, cells.indexOf(name)]));
      lineItems = [...cells.keys()].filter((i) => /^lineitem\d+$/.test(normalizeColumn(cells[i]!)));
      note = describePersonal(cells, columns.get('email') ?? null);
      continue;
    }
    if (++log.lineCount % 65_536 === 0) throwIfAborted(signal);
    const cell = (role: OrdersRole): string => (at[role] === undefined ? '' : (cells[at[role]] ?? ''));
    const name = cell('order');
    // A blank order number continues the order above.
    const isSame: boolean = facts !== null && (name === '' || name === order);
    if (!isSame) order = name;
    const before: OrderFacts | null = isSame ? facts : null;
    facts = Object.fromEntries(ORDER_ROLES.map((role) => [role, cell(role) || (before?.[role] ?? '')])) as unknown as OrderFacts;
    if (facts.cancelledAt !== '' || DEAD_STATUS.test(facts.status)) {
      log.drop('cancelled, failed or refunded orders');
      continue;
    }
    const { time } = facts;
    const user = customerNumber(facts, order, customers);
    const items = lineItems.length > 0 && at.item === undefined ? lineItems.map((i) => parseLineItem(cells[i] ?? '')) : [itemOf(cell)];
    for (const item of items) if (item) addRecord(log, { user, ...item, ...(at.time === undefined ? {} : { time }) });
  }
  return { columns: columns ?? new Map(), note };
}

interface LineItem {
  readonly item: string;
  readonly title: string;
  readonly quantity: string;
}

function itemOf(cell: (role: OrdersRole) => string): LineItem {
  return { item: cell('item'), title: cell('title'), quantity: cell('quantity') };
}

/** "name:Blue mug|product_id:12|sku:MUG-1|quantity:2|..." -> its SKU, else its product id; null where the cell is empty. */
function parseLineItem(text: string): LineItem | null {
  if (text === '') return null;
  const parts = new Map(text.split('|').map((part) => [part.slice(0, part.indexOf(':')).trim(), part.slice(part.indexOf(':') + 1).trim()]));
  return { item: parts.get('sku') || parts.get('product_id') || '', title: parts.get('name') ?? '', quantity: parts.get('quantity') ?? '' };
}

/** The same number for the same customer id or, for want of one, e-mail address; WooCommerce writes 0 for guests. Guests without either are their order. */
function customerNumber({ customerId, email }: OrderFacts, order: string, customers: Map<string, number>): string {
  const key =
    email !== '' ? `mail ${email.toLowerCase()}` : customerId !== '' && customerId !== '0' ? `id ${customerId}` : `order ${order}`;
  let number = customers.get(key);
  if (number === undefined) customers.set(key, (number = customers.size + 1));
  return `customer ${number}`;
}

function matchOrderColumns(
  path: string,
  format: OrdersFormat,
  header: readonly string[],
  overrides: ReadonlyMap<string, string>,
): Map<OrdersRole, string> {
  const renamed = new Map([...overrides].map(([role, name]) => [role === 'user' ? 'customerId' : role, name]));
  const columns = matchColumns<OrdersRole>(header, ORDERS_PROFILES[format], renamed);
  // A column that the person named tells customers apart, nothing else.
  if (overrides.has('user')) columns.delete('email');
  const hasLineItems = header.some((name) => /^lineitem\d+$/.test(normalizeColumn(name)));
  const missing = (['order', 'item'] as const).filter((role) => !columns.has(role) && !(role === 'item' && hasLineItems));
  if (missing.length > 0) {
    throw badInput(
      `${path} is read as ${format}, but has no ${missing.join(' and no ')} column. Columns seen: ${header.map((name) => oneLine(name, 40)).join(', ')}. Names known for ${missing.map((role) => `${role}: ${ORDERS_PROFILES[format][role].join(', ')}`).join('; ')}. Export the orders with one line per line item, or name columns with --columns order=...,item=...`,
      { path, seen: header, missing },
    );
  }
  return columns;
}
