import { plural } from '../terminal.js';

/** A manifest that lives longer than this in caches keeps shoppers on an old model. */
const MAX_MANIFEST_AGE_S = 300;
const MIN_FILE_AGE_S = 86_400;

/** Says what is amiss with the headers a published folder came with: file name -> headers. Nothing of it keeps a model from loading at home. */
export function headerWarnings(headers: ReadonlyMap<string, Headers>): string[] {
  const warnings: string[] = [];
  const files = [...headers.keys()].filter((name) => name !== 'manifest.json');
  const closed = [...headers].filter(([, of]) => !of.get('access-control-allow-origin'));
  if (closed.length > 0) {
    warnings.push(
      `${plural(closed.length, 'file')} without Access-Control-Allow-Origin (${closed[0]![0]}): only pages of the same origin can load the model. Send "Access-Control-Allow-Origin: *" if others shall.`,
    );
  }
  const short = files.filter((name) => !/\bimmutable\b/.test(cacheControl(headers, name)) && !(maxAge(headers, name) >= MIN_FILE_AGE_S));
  if (short.length > 0) {
    warnings.push(
      `${plural(short.length, 'hashed file')} may not be cached for long (${short[0]}: Cache-Control ${show(cacheControl(headers, short[0]!))}): every visit asks for them again. Send "Cache-Control: public, max-age=31536000, immutable".`,
    );
  }
  const manifest = headers.has('manifest.json') ? cacheControl(headers, 'manifest.json') : 'no-cache';
  const isRevalidated = /\b(no-cache|no-store|must-revalidate)\b/.test(manifest) || maxAge(headers, 'manifest.json') <= MAX_MANIFEST_AGE_S;
  if (/\bimmutable\b/.test(manifest) || !isRevalidated) {
    warnings.push(
      `manifest.json has Cache-Control ${show(manifest)}: shoppers may keep an old model after you publish a new one. Send "Cache-Control: no-cache".`,
    );
  }
  return warnings;
}

function cacheControl(headers: ReadonlyMap<string, Headers>, name: string): string {
  return headers.get(name)?.get('cache-control')?.toLowerCase() ?? '';
}

/** Seconds, NaN where the header says nothing. */
function maxAge(headers: ReadonlyMap<string, Headers>, name: string): number {
  return Number(/\bmax-age=(\d+)/.exec(cacheControl(headers, name))?.[1] ?? NaN);
}

function show(value: string): string {
  return value === '' ? '(none)' : JSON.stringify(value);
}
