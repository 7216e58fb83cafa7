import { normalizeColumn } from './columnNames.js';

/** Which columns of a shop system's orders export play which role, each with its spellings ({@link normalizeColumn}) in order of preference. */
export interface OrdersProfile {
  readonly order: readonly string[];
  readonly customerId: readonly string[];
  /** Used as a key in memory, never kept. */
  readonly email: readonly string[];
  readonly time: readonly string[];
  readonly item: readonly string[];
  readonly title: readonly string[];
  readonly quantity: readonly string[];
  /** Columns whose value may say that the order does not count. */
  readonly status: readonly string[];
  /** A date here means the order was cancelled. */
  readonly cancelledAt: readonly string[];
}
export type OrdersRole = keyof OrdersProfile;

export type OrdersFormat = 'shopify-orders' | 'woocommerce-orders';

export const ORDERS_PROFILES: Readonly<Record<OrdersFormat, OrdersProfile>> = {
  'shopify-orders': {
    order: ['name'],
    customerId: ['customerid'],
    email: ['email'],
    time: ['createdat', 'paidat'],
    item: ['lineitemsku'],
    title: ['lineitemname'],
    quantity: ['lineitemquantity'],
    status: ['financialstatus'],
    cancelledAt: ['cancelledat'],
  },
  'woocommerce-orders': {
    order: ['orderid', 'ordernumber', 'order'],
    customerId: ['customerid', 'customeruser', 'customeruserid'],
    email: ['billingemail', 'emailbilling', 'customeremail', 'email'],
    time: ['orderdate', 'date', 'paiddate', 'datecreated'],
    item: ['itemsku', 'sku', 'productsku', 'lineitemsku', 'itemproductid', 'productid'],
    title: ['itemname', 'productname', 'lineitemname'],
    quantity: ['itemquantity', 'quantity', 'qty', 'quantityrefund'],
    status: ['status', 'orderstatus'],
    cancelledAt: [],
  },
};

/** Order states that mean nothing was bought. */
export const DEAD_STATUS = /^(wc-)?(cancelled|canceled|refunded|voided|failed|trash|draft|checkout-draft|expired)$/i;

/** Tells a shop system's orders export by its header; null when it is none. */
export function detectOrdersFormat(header: readonly string[]): OrdersFormat | null {
  const names = header.map(normalizeColumn);
  const has = (...aliases: string[]): boolean => aliases.some((alias) => names.includes(alias));
  if (has('lineitemsku') && has('lineitemname') && has('name')) return 'shopify-orders';
  const hasOrder = has('orderid', 'ordernumber') && has('status', 'orderstatus') && has('orderdate', 'date', 'datecreated');
  const hasItems = has('lineitem1', 'itemsku', 'itemname', 'productsku') || (has('sku') && has('item', 'itemname', 'itemcost'));
  return hasOrder && hasItems ? 'woocommerce-orders' : null;
}
