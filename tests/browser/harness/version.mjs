// Another version of the app, made from the one that was built: other names for its scripts and styles, another version
// in them, another service worker. A second build would take as long as all stories of it.

import { ROOT } from './programs.mjs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const ASSETS = join(ROOT, 'server/web/dist/assets');
const NEW = 'another.';
/** What the other version can be told by. */
export const MARK = 'portrea-another-version';

/**
 * Turns a front into a server of the other version, from the next request on.
 *
 * @param {import('./front.mjs').Front} front
 */
export async function serveAnotherVersion(front) {
  const names = (await readdir(ASSETS)).filter((name) => /\.(js|css)$/.test(name));
  const version = await versionIn(names);
  // Longest first: one name may be part of another.
  const sorted = [...names].sort((a, b) => b.length - a.length).map((name) => name.replace(/[.]/g, '\\.'));
  const all = new RegExp(`(?<![\\w.-])(${sorted.join('|')})`, 'g');
  front.onward = (path) => path.replace(`/assets/${NEW}`, '/assets/');
  front.rewrite = ({ path, text }) => {
    const renamed = text.replace(all, (name) => NEW + name).replaceAll(version, [...version].reverse().join(''));
    if (path === '/sw.js') return `${renamed.replace(/portrea-shell-/g, 'portrea-shell-another-')}\n// ${MARK}\n`;
    return renamed.replace('</head>', `<meta name="${MARK}" content="yes"></head>`);
  };
}

/** The version that the built app says it has. */
async function versionIn(names) {
  for (const name of names.filter((each) => each.endsWith('.js'))) {
    const found = /portrea ([0-9a-f]{12})/.exec(await readFile(join(ASSETS, name), 'utf8'));
    if (found !== null) return found[1];
  }
  throw new Error('no script of the app names its version');
}
