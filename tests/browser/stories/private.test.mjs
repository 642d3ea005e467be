// No request leaves for another host. Every story watches it; this one goes everywhere, and tries to break it.

import assert from 'node:assert/strict';
import { named } from '../harness/person.mjs';
import { nameOf, seed } from '../harness/seed.mjs';
import { story } from '../harness/story.mjs';

// Goal: the app asks nothing of anybody but its server. Method: every place, the network's own witness (harness/
// witness.mjs), and a page that is told to look elsewhere and may not.
story('no request leaves for another host', async ({ server, comes }) => {
  await seed(server, 30);
  const rose = await comes('Rose', 'referent');
  await rose.reloads();
  await rose.seesSafe();
  for (const path of ['/annuaire', '/ajouter', '/portrait', '/portrait/35184', '/permanences', '/bureau', '/bureau/invitations', '/bureau/personnes', '/bureau/refusees', '/appareil']) {
    await rose.page.goto(`${rose.origin}${path}`);
    await rose.page.getByRole('heading', { level: 1 }).first().waitFor();
    await rose.seesSafe();
  }
  await rose.looksAt(nameOf(1));
  assert.deepEqual(rose.browser.problems, []);

  // The policy that holds it: nothing from elsewhere, no inline script, no frame around the app.
  const answer = await rose.page.request.get(`${rose.origin}/annuaire`, { headers: { accept: 'text/html' } });
  const policy = directives(answer.headers()['content-security-policy'] ?? '');
  assert.match(policy.get('default-src') ?? '', /^'(self|none)'$/);
  assert.doesNotMatch(policy.get('script-src') ?? '', /'unsafe-(inline|eval)'/);
  for (const [name, sources] of policy) assert.doesNotMatch(sources, /\*|https?:/, `${name} stays at home`);
  rose.browser.expects(/Content Security Policy|net::ERR|Failed to (load|fetch)/);
  const refused = await rose.page.evaluate(() => fetch('https://elsewhere.example.org/').then(() => 'let out', String));
  assert.notEqual(refused, 'let out');
  await rose.page.getByRole('navigation', { name: named('Les pages') }).waitFor();
});

/** The parts of a Content-Security-Policy, by name. @param {string} policy */
function directives(policy) {
  return new Map(
    policy.split(';').map((part) => {
      const [name = '', ...sources] = part.trim().split(/\s+/);
      return [name, sources.join(' ')];
    }),
  );
}
