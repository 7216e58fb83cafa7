/** Turns measurements into rows, prints them as they come, and writes the JSON file. */
import { writeFile } from 'node:fs/promises';

const COLUMNS = [
  ['name', 34],
  ['peer', 17],
  ['ours', 13],
  ['theirs', 13],
  ['ratio', 8],
  ['unit', 6],
  ['recall', 8],
  ['adapter', 30],
];

export class Report {
  rows = [];
  #hasHeader = false;

  /** Adds a row: {name, peer, ours, theirs, ratio, unit, recall, adapter} and any further facts. */
  add({ name, peer, ours, theirs, unit = 'ms', recall = null, adapter = '', ...more }) {
    const row = { name, peer, ours, theirs, ratio: theirs / ours, unit, recall, adapter, ...more };
    this.rows.push(row);
    clearProgress();
    if (!this.#hasHeader) console.log(COLUMNS.map(([title, width]) => title.padEnd(width)).join(''));
    this.#hasHeader = true;
    const extra = Object.entries(more).map(([key, value]) => `${key} ${format(value)}`);
    console.log(COLUMNS.map(([column, width]) => format(row[column]).padEnd(width)).join('') + extra.join(', '));
  }

  /** Says why a row is missing. */
  skip(name, peer, reason) {
    clearProgress();
    console.log(`${name.padEnd(34)}${peer.padEnd(17)}left out: ${reason}`);
  }

  async write(path) {
    await writeFile(path, `${JSON.stringify(this.rows, null, 2)}\n`);
  }
}

export function progress(text) {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K… ${text}`);
}

function clearProgress() {
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
}

function format(value) {
  if (value === null || value === undefined) return '-';
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return value >= 100 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toFixed(4);
}

export function median(values) {
  return quantile(values, 0.5);
}

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}
