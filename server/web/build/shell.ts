/**
 * The Vite plugin of the shell: builds the service worker to /sw.js, writes into it which files it keeps and their
 * version, gives the app its version, and keeps automerge in a chunk of its own. It decides nothing else about the build.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

/** What the version is taken from: everything that ends in the app. */
const SOURCES = ['index.html', 'package-lock.json', 'vite.config.ts', 'src', 'public', 'build'];
/** Not kept on devices: the service worker itself, what is made for the server, letters nobody here writes. */
const LEFT_OUT = /^\/(sw\.js|\.vite\/.*|.*\.(br|gz|map)|.*-latin-ext-.*)$/;

export function shell(): Plugin {
  let out = 'dist';
  return {
    name: 'portrea-shell',
    config: (_config, { command }) => ({
      define: { __APP_VERSION__: JSON.stringify(command === 'build' ? versionOf('.') : 'development') },
      worker: { rolldownOptions: { output: { codeSplitting: { groups: [automerge] } } } },
    }),
    configResolved(config) {
      out = config.build.outDir;
    },
    buildStart() {
      if (this.environment.mode !== 'build') return;
      this.emitFile({ type: 'chunk', id: 'src/service-worker.ts', fileName: 'sw.js' });
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        if (this.environment.mode === 'build') writeShell(out);
      },
    },
  };
}

/** Not ours, large and rarely changed: told apart by the size budget, kept by devices from version to version. */
const automerge = {
  name: 'automerge',
  test: /node_modules[\\/](@automerge|cbor-x|cbor-extract|bs58|bs58check|base-x|@noble|debug|ms|eventemitter3|fast-sha256|uuid|xstate|isomorphic-ws)[\\/]/,
};

/** Writes the list of files and its version into the built service worker. */
export function writeShell(out: string): void {
  const hash = createHash('sha256');
  const files: string[] = [];
  for (const path of walk(out).sort()) {
    const file = `/${relative(out, path).split(sep).join('/')}`;
    if (LEFT_OUT.test(file)) continue;
    // The page is asked for by its address.
    files.push(file === '/index.html' ? '/' : file);
    hash.update(file).update(readFileSync(path));
  }
  const worker = join(out, 'sw.js');
  const source = readFileSync(worker, 'utf8');
  // Its own text is part of the version: a worker that behaves differently is another one.
  const version = hash.update(source).digest('hex').slice(0, 12);
  if (!source.includes('__SHELL_FILES__')) throw new Error('sw.js has no place for the list of files');
  if (/^\s*(import|export)\b/m.test(source)) throw new Error('sw.js must stand alone: not every browser takes a module');
  writeFileSync(
    worker,
    source.replaceAll('__SHELL_FILES__', JSON.stringify(files)).replaceAll('__SHELL_VERSION__', JSON.stringify(version)),
  );
}

function versionOf(root: string): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(root, source);
    const files = statSync(path).isDirectory() ? walk(path).sort() : [path];
    for (const file of files) if (!file.endsWith('.test.ts')) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}
