import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv, { type RequestHandler } from 'sirv';

export interface DemoServerOptions {
  /** 0 takes any free one. Default 5173. */
  readonly port?: number;
  /** Further folders by address prefix, for example `{'/other/': '/tmp/model'}`. */
  readonly mounts?: Readonly<Record<string, string>>;
}

export interface DemoServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Mount {
  readonly prefix: string;
  readonly folder: string;
  readonly handler: RequestHandler | null;
}

/** The project's folder, from the source as well as from the compiled file. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('No package.json above the demo server: start it from inside the project');
    folder = above;
  }
  return folder;
}

/** Lets the pages run their own files only; their import maps are inline, so the hashes stand in. */
function contentSecurityPolicy(pages: readonly string[]): string {
  const hashes = pages.map((html) => {
    const importMap = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    return `'sha256-${createHash('sha256').update(importMap).digest('base64')}'`;
  });
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${hashes.join(' ')}`,
    "worker-src 'self' blob:",
    // Any folder that ?model= names may be opened; a shop would say 'self' here.
    "connect-src 'self' http: https:",
    "img-src 'self' data:",
    "style-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Files whose names carry a hash of their content never change; all others are asked about each time. */
function cacheControl(path: string): string {
  return /[.-][0-9a-f]{8,}\.[a-z0-9.]+$/i.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

function createMount(prefix: string, folder: string): Mount {
  const shared = prefix !== '/' && prefix !== '/shop/';
  const handler = existsSync(folder)
    ? sirv(folder, {
        dev: false,
        etag: true,
        setHeaders: (response, path) => {
          response.setHeader('Cache-Control', cacheControl(path));
          if (shared) response.setHeader('Access-Control-Allow-Origin', '*');
          if (path.endsWith('.jsonl')) response.setHeader('Content-Type', 'application/x-ndjson; charset=utf-8');
        },
      })
    : null;
  return { prefix, folder, handler };
}

function answerMissing(response: ServerResponse, why: string): void {
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(`${why}\n`);
}

/** Starts the demo shop on localhost. Rejects when the page is not built or the port is taken. */
export async function startDemoServer({ port = 5173, mounts = {} }: DemoServerOptions = {}): Promise<DemoServer> {
  const build = join(projectRoot(), 'build');
  const page = join(build, 'site', 'index.html');
  if (!existsSync(page)) throw new Error('build/site/index.html is missing: build the demo first (npm run build)');
  const pages = [page, join(build, 'site', 'evaluate.html')].filter((path) => existsSync(path));
  const policy = contentSecurityPolicy(pages.map((path) => readFileSync(path, 'utf8')));
  const folders: Record<string, string> = {
    '/shelfmate/': join(build, '..', 'dist'),
    '/model/': join(build, 'demo-model'),
    '/heldout-model/': join(build, 'demo-heldout-model'),
    '/shop/': join(build, 'demo-shop'),
    '/': join(build, 'site'),
  };
  for (const [prefix, folder] of Object.entries(mounts)) {
    if (!existsSync(folder)) throw new Error(`The folder ${folder}, to be mounted at ${prefix}, does not exist`);
    folders[`/${prefix.replace(/^\/|\/$/g, '')}/`] = resolve(folder);
  }
  const table = Object.entries(folders)
    .map(([prefix, folder]) => createMount(prefix, folder))
    .sort((a, b) => b.prefix.length - a.prefix.length);

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('Content-Security-Policy', policy);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const candidates = table.filter((mount) => path.startsWith(mount.prefix));
    const address = request.url ?? '/';
    // The page's own scripts also lie under /shop/: what one folder lacks, the next wider one may have.
    const tryNext = (): void => {
      const mount = candidates.shift();
      if (!mount) return answerMissing(response, `No file at ${path}`);
      if (!mount.handler) return tryNext();
      request.url = `/${address.slice(mount.prefix.length)}`;
      mount.handler(request, response, tryNext);
    };
    tryNext();
  });

  await new Promise<void>((started, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      failed(
        taken
          ? new Error(`Port ${port} is taken. Stop what listens there, or choose another one: PORT=${port + 1} node build/demo/serve.js`)
          : error,
      );
    });
    server.listen(port, 'localhost', started);
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((closed, failed) => {
        server.close((error) => (error ? failed(error) : closed()));
        server.closeAllConnections();
      }),
  };
}

function readMounts(args: readonly string[]): Record<string, string> {
  const mounts: Record<string, string> = {};
  args.forEach((arg, index) => {
    if (arg !== '--mount') return;
    const [prefix, ...folder] = (args[index + 1] ?? '').split('=');
    if (!prefix || folder.length === 0) throw new Error('--mount wants PREFIX=DIR, for example --mount /other/=models/other');
    mounts[prefix] = folder.join('=');
  });
  return mounts;
}

async function main(): Promise<void> {
  const port = Number(process.env['PORT'] ?? 5173);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`PORT is "${process.env['PORT']}"; it must be a whole number up to 65535`);
  const mounts = readMounts(process.argv.slice(2));
  const { url } = await startDemoServer({ port, mounts });
  const more = Object.keys(mounts).map((prefix) => `\n  Another model  ${url}?model=/${prefix.replace(/^\/|\/$/g, '')}/`);
  console.log(
    `\n  Shelfmate demo shop\n  Open           ${url}${more.join('')}\n  Evaluate       ${url}evaluate\n  Stop           Ctrl+C\n`,
  );
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
