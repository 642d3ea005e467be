// The programs and the built app that the stories run: where they stand, and what to do when they are not there.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
/** Where a failed story leaves its pictures and logs. */
export const REMAINS = join(TARGET, 'browser');

/** The built app; debug builds of the server read it from here with each request. */
const APP = join(ROOT, 'server/web/dist');

/** @param {'portrea-server' | 'portrea'} name */
export function program(name) {
  const path = join(TARGET, process.env.PORTREA_TEST_PROFILE ?? 'debug', name);
  if (!existsSync(path)) {
    throw new Error(`${path} is missing. \`make check-browser\` builds it: cargo build -p portrea-server -p portrea-client-core`);
  }
  return path;
}

/** Complains when the app was not built: the server would show its placeholder. */
export function needApp() {
  if (!existsSync(join(APP, 'index.html'))) {
    throw new Error(`${APP} holds no app. \`make check-browser\` builds it: cd server/web && npm run build`);
  }
}

/** Chromium: the system's, never one that is downloaded. */
export function chromium() {
  const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = places.find((place) => place !== undefined && existsSync(place));
  if (found === undefined) {
    throw new Error('Chromium is missing. `make tools` installs it as root: sudo apt-get install chromium; or name one in CHROMIUM');
  }
  return found;
}

/** An environment in which our programs know nothing of whoever runs the tests. */
export function cleanEnvironment(more = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTREA_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'fr_FR.UTF-8', NO_PROXY: '127.0.0.1', ...more };
}
