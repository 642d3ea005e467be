/**
 * The budget: what a first visit loads before it can show a record, beyond automerge. It follows the built page from
 * its HTML: scripts and what they import at once, styles, the fonts they surely load, and the worker with its engine.
 * What is loaded later (map, QR codes, the other language) is listed, not counted.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';

const OUT = process.argv[2] ?? 'dist';
const BYTES_MAX = 130_000;

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (!existsSync(join(OUT, 'index.html'))) stop(`${OUT}/index.html is missing: build the app first (npm run build)`);

const bytesOf = (file) => readFileSync(join(OUT, file));
const textOf = (file) => bytesOf(file).toString('utf8');
const has = (file) => existsSync(join(OUT, file));
/** woff2 is compressed: it travels as it is. */
const sent = (file) => (file.endsWith('.woff2') ? bytesOf(file).length : gzipSync(bytesOf(file), { level: 9 }).length);
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);

/** Where a file is that another names. */
function found(from, name) {
  const file = name.startsWith('/') ? name.slice(1) : posix.join(posix.dirname(from), name);
  return has(file) ? file : null;
}

const STATIC = /(?:\bimport|\bfrom)\s*["']([^"']+\.js)["']/g;
const DYNAMIC = /\bimport\(\s*["'`]([^"'`]+\.js)["'`]/g;

function follow(file, seen, dynamic) {
  if (file === null || seen.has(file)) return;
  seen.add(file);
  const text = textOf(file);
  for (const name of all(text, STATIC)) follow(found(file, name), seen, dynamic);
  if (dynamic) for (const name of all(text, DYNAMIC)) follow(found(file, name), seen, dynamic);
}

const html = textOf('index.html');
const page = new Set();
for (const src of all(html, /<script[^>]+src="([^"]+)"/g)) follow(found('', src), page, false);
for (const href of all(html, /<link[^>]+rel="modulepreload"[^>]+href="([^"]+)"/g)) follow(found('', href), page, false);
const styles = all(html, /<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"/g).map((href) => found('', href));

// The upright Latin letters stand on every page; slanted and further ones come when a page uses them.
const fonts = new Set();
for (const style of styles) {
  for (const name of all(textOf(style), /url\(["']?([^"')]+\.woff2)["']?\)/g)) {
    if (/-latin-(?!ext)/.test(name) && !name.includes('italic')) fonts.add(found(style, name));
  }
}

const worker = new Set();
for (const file of page) {
  // The page names the worker by its address; the worker always fetches its engine.
  for (const name of all(textOf(file), /["'`]([^"'`]*\bworker-[\w-]+\.js)["'`]/g)) follow(found(file, name), worker, true);
}
if (page.size === 0 || worker.size === 0) stop('the page or its worker was not found: this script no longer fits the build');
const automerge = [...worker].filter((file) => basename(file).startsWith('automerge-'));
if (automerge.length === 0) stop('automerge has no chunk of its own any more: see build/shell.ts');

const counted = [
  ['index.html', 'page'],
  ...[...page].map((file) => [file, 'page']),
  ...styles.map((file) => [file, 'style']),
  ...[...fonts].map((file) => [file, 'font']),
  ...[...worker].filter((file) => !automerge.includes(file)).map((file) => [file, 'worker']),
];
const taken = new Set(counted.map(([file]) => file));
const assets = has('assets') ? readdirSync(join(OUT, 'assets')).map((name) => `assets/${name}`) : [];
const later = assets.filter((file) => !taken.has(file) && /\.(js|css|wasm|woff2)$/.test(file));

const line = (bytes, kind, file) => process.stdout.write(`${String(bytes).padStart(9)}  ${kind.padEnd(7)} ${file}\n`);
let total = 0;
for (const [file, kind] of counted) {
  const bytes = sent(file);
  total += bytes;
  line(bytes, kind, file);
}
process.stdout.write(`${String(total).padStart(9)}  of ${BYTES_MAX} bytes, gzip, before the first record; not counted:\n`);
for (const file of later) line(sent(file), automerge.includes(file) || file.endsWith('.wasm') ? 'merge' : 'later', file);
if (total > BYTES_MAX) stop(`the first visit loads ${total - BYTES_MAX} bytes more than the budget`);
