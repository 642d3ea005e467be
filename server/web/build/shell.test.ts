// The list of files that the service worker keeps: made from a built folder, and another version when a file is another.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeShell } from './shell';

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'portrea-shell-'));
});
afterEach(() => rmSync(out, { recursive: true }));

function build(files: Record<string, string>): string {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(out, file)), { recursive: true });
    writeFileSync(join(out, file), text);
  }
  writeShell(out);
  return readFileSync(join(out, 'sw.js'), 'utf8');
}
const WORKER = 'const f = __SHELL_FILES__, v = __SHELL_VERSION__;';

test('everything that the app needs offline is listed; what the server alone needs is not', () => {
  const built = build({
    'sw.js': WORKER, 'index.html': 'page', 'index.html.br': 'x', 'assets/a-1.js': 'a', 'assets/a-1.js.gz': 'x',
    'assets/font-latin-wght.woff2': 'f', 'assets/font-latin-ext-wght.woff2': 'f', 'icon.svg': 'i',
  });
  expect(built).toContain('["/assets/a-1.js","/assets/font-latin-wght.woff2","/icon.svg","/"]');
});

test('the version follows the content of every file, and of the worker itself', () => {
  const versions = [
    build({ 'sw.js': WORKER, 'index.html': 'one' }),
    build({ 'sw.js': WORKER, 'index.html': 'two' }),
    build({ 'sw.js': `${WORKER} `, 'index.html': 'two' }),
    build({ 'sw.js': WORKER, 'index.html': 'one' }),
  ].map((text) => /v = "(\w+)"/.exec(text)?.[1]);
  expect(new Set(versions).size).toBe(3);
  expect(versions[3]).toBe(versions[0]);
});

test('a worker that is a module, or without a place for the list, fails the build', () => {
  expect(() => build({ 'sw.js': 'import "./x.js"; __SHELL_FILES__', 'index.html': '' })).toThrow('stand alone');
  expect(() => build({ 'sw.js': '', 'index.html': '' })).toThrow('no place');
});

test('the size budget fails when nothing is built', () => {
  const ran = spawnSync(process.execPath, ['build/size.mjs', join(out, 'nothing')], { encoding: 'utf8' });
  expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining('build the app first')]);
});
