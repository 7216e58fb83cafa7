import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/**
 * A static server on a free port. `folders`: URL prefix -> folder, the longest prefix wins; `files`: URL path -> bytes.
 * The pages are cross-origin isolated: their clocks tick in 5 µs, and workers can share the factors.
 */
export async function startServer({ folders, files }) {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
    if (files[path]) return response.end(files[path]);
    const prefix = prefixes.find((one) => path.startsWith(one));
    const file = prefix === undefined ? null : join(folders[prefix], normalize(path.slice(prefix.length)));
    const facts = file === null ? undefined : statSync(file, { throwIfNoEntry: false });
    if (!facts?.isFile()) return response.writeHead(404).end('not found');
    response.setHeader('content-length', facts.size);
    return createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${server.address().port}`,
    folders,
    /** Serves one more folder. */
    mount(prefix, folder) {
      folders[prefix] = folder;
      if (!prefixes.includes(prefix)) prefixes.unshift(prefix);
      prefixes.sort((a, b) => b.length - a.length);
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
