/** Writes `.br` and `.gz` beside every built file that gains by it, so that the server sends them as they lie. */
import { readdirSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const OUT = 'dist';
const BYTES_MIN = 1024;
/** Fonts and pictures are compressed already. */
const COMPRESSIBLE = /\.(html|js|mjs|css|json|webmanifest|svg|wasm|txt|xml)$/;

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

async function compress(path) {
  const bytes = await readFile(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  // zlib works on threads of its own: files and formats side by side.
  const [small, old] = await Promise.all([brotli(bytes, { params }), zip(bytes, { level: 9 })]);
  if (small.length < bytes.length) await writeFile(`${path}.br`, small);
  if (old.length < bytes.length) await writeFile(`${path}.gz`, old);
  return [bytes.length, small.length, old.length];
}

const files = walk(OUT).filter((path) => COMPRESSIBLE.test(path) && statSync(path).size > BYTES_MIN);
const sizes = await Promise.all(files.map(compress));
const [raw, br, gz] = [0, 1, 2].map((which) => sizes.reduce((sum, size) => sum + size[which], 0));
const kB = (bytes) => `${Math.round(bytes / 1000)} kB`;
process.stdout.write(`compressed ${files.length} files: ${kB(raw)} → brotli ${kB(br)}, gzip ${kB(gz)}\n`);
