import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import type { HubContext } from './serve-route.ts';

/** The built web app; the same place from source and from dist. */
const WEB_FOLDER = join(import.meta.dirname, '..', '..', '..', 'web', 'dist');

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Names of built files change with their content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** A file of the web app, or its page for every address that it may know. Without a built web app, a plain page. */
export async function staticPage(context: HubContext): Promise<Response> {
  if (!existsSync(join(WEB_FOLDER, 'index.html'))) return context.html(PLAIN_PAGE);
  const { path } = context.req;
  const file = (await fileFor(path)) ?? join(WEB_FOLDER, 'index.html');
  const headers = {
    'Content-Type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
    'Cache-Control': path.startsWith('/assets/') ? FOR_EVER : 'no-cache',
  };
  return new Response(Readable.toWeb(createReadStream(file)) as ReadableStream, { headers });
}

async function fileFor(path: string): Promise<string | undefined> {
  let name: string;
  try {
    name = normalize(decodeURIComponent(path));
  } catch {
    return undefined;
  }
  if (name.includes('..') || name.includes('\0') || name.includes('\\')) return undefined;
  const file = join(WEB_FOLDER, name);
  return (await stat(file).catch(() => undefined))?.isFile() ? file : undefined;
}

const PLAIN_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Rootcellar</title>
<style>body { font: 1.1rem/1.5 system-ui; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>Rootcellar is running</h1>
<p>The web app is not built. Build it with <code>npm run build</code>, then load this page again.</p>
<p>Programs can use <a href="/api/openapi.json">the API</a> already.</p>
</html>
`;
