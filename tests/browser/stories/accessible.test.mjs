// Every place in every state: axe finds nothing (WCAG 2.2 AA), and nothing sticks out at 320 px or at 200 %.

import assert from 'node:assert/strict';
import { complaints, sticksOut } from '../harness/axe.mjs';
import { named } from '../harness/person.mjs';
import { nameOf, seed } from '../harness/seed.mjs';
import { story } from '../harness/story.mjs';

const PLACE = 'Médiathèque de Saint-Onen-la-Chapelle';
const DESKTOP = { width: 1280, height: 800 };
/** 1280 × 800 at 200 %: what is left for the page, in its own pixels. */
const ZOOMED = { width: 640, height: 400 };
const NARROW = { width: 320, height: 640 };

/** Looks at a state in every width and in both colour schemes; gives what is wrong with it. */
async function wrong({ page }, state) {
  const found = [];
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const size of scheme === 'light' ? [DESKTOP, ZOOMED, NARROW] : [NARROW]) {
      await page.setViewportSize(size);
      const where = `${state}, ${size.width} px, ${scheme}`;
      found.push(...(await sticksOut(page)).map((what) => `${where}: ${what}`));
      if (size === ZOOMED) continue;
      // All of the page at once: what is half under the bar of places only needs to be scrolled.
      const whole = await page.evaluate(() => Math.min(document.documentElement.scrollHeight + 80, 8_000));
      await page.setViewportSize({ width: size.width, height: Math.max(size.height, whole) });
      found.push(...(await complaints(page)).map((what) => `${where}: ${what}`));
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(DESKTOP);
  return found;
}

// Goal: the door is open to everybody. Method: each of its steps.
story('axe finds nothing at the door, and nothing sticks out', async ({ server, arrives }) => {
  const amina = await arrives('Amina');
  const found = [];
  await amina.page.goto(`${amina.origin}/`);
  await amina.page.getByRole('heading', { level: 1 }).waitFor();
  found.push(...(await wrong(amina, 'Bienvenue without a link')));
  await amina.opens(await server.invite('contributor'));
  await amina.page.getByLabel(named('Comment vous appelez-vous ?')).waitFor();
  found.push(...(await wrong(amina, 'Bienvenue with a link')));
  await amina.names(' ');
  await amina.page.getByRole('alert').waitFor();
  found.push(...(await wrong(amina, 'Bienvenue without a name')));
  amina.browser.expects(/status of 4\d\d/);
  await amina.opens('#0000000000000000');
  await amina.names();
  await amina.page.getByRole('alert').waitFor();
  found.push(...(await wrong(amina, 'Bienvenue with a dead link')));
  assert.deepEqual(found, []);
});

// Goal: the same for somebody who contributes. Method: empty and full, reading and writing, with and without network.
story('axe finds nothing where people contribute, and nothing sticks out', async ({ server, comes }) => {
  const amina = await comes('Amina');
  const bruno = await comes('Bruno');
  const found = [];
  await amina.page.getByRole('heading', { level: 1 }).waitFor();
  found.push(...(await wrong(amina, 'Annuaire, empty')));
  await amina.goesTo('Ajouter');
  await amina.button('Ajouter ce lieu').waitFor();
  found.push(...(await wrong(amina, 'Ajouter')));
  await amina.adds(PLACE, { commune: 'Saint-Onen-la-Chapelle' });
  found.push(...(await wrong(amina, 'Fiche, new')));
  await amina.sets(PLACE, 'Téléphone', '02 99 09 00 01');
  await amina.opensField('Adresse');
  found.push(...(await wrong(amina, 'Fiche, a field open')));
  await bruno.looksAt(PLACE);
  await bruno.sees('02 99 09 00 01');
  amina.goesOffline();
  await amina.seesChip(/^Hors ligne/);
  await amina.sets(PLACE, 'Téléphone', '02 99 09 00 02');
  found.push(...(await wrong(amina, 'Fiche, offline')));
  await amina.goesTo('Portrait');
  found.push(...(await wrong(amina, 'Portrait, offline')));
  await amina.goesToDevice();
  await amina.sees('Exporter dans un fichier');
  found.push(...(await wrong(amina, 'Cet appareil, something waits')));
  await bruno.sets(PLACE, 'Téléphone', '02 99 09 00 03');
  await bruno.seesSafe();
  amina.comesOnline();
  await amina.seesSafe();
  found.push(...(await wrong(amina, 'Cet appareil, safe')));
  await amina.looksAt(PLACE);
  await amina.sees('Deux réponses pour Téléphone');
  found.push(...(await wrong(amina, 'Fiche, two answers')));
  await seed(server, 60);
  await amina.goesTo('Annuaire');
  await amina.page.getByRole('searchbox').fill('');
  await amina.sees(nameOf(1));
  found.push(...(await wrong(amina, 'Annuaire, full')));
  await amina.page.getByRole('searchbox').fill('zzzz');
  found.push(...(await wrong(amina, 'Annuaire, nothing found')));
  await amina.goesTo('Ajouter');
  await amina.page.getByLabel(named('Comment s’appelle ce lieu ?')).fill(nameOf(1));
  await amina.sees('Est-ce l’un de ceux-ci ?');
  found.push(...(await wrong(amina, 'Ajouter, look-alikes')));
  await amina.page.goto(`${amina.origin}/nulle-part`);
  await amina.seesSafe();
  found.push(...(await wrong(amina, 'Nowhere')));
  assert.deepEqual(found, []);
});

// Goal: the same for the référent·e. Method: portrait, one commune, the desk's feed and invitations.
story('axe finds nothing on portrait and desk, and nothing sticks out', async ({ server, comes }) => {
  await seed(server, 60);
  const rose = await comes('Rose', 'referent');
  const found = [];
  await rose.goesTo('Portrait');
  await rose.page.getByRole('heading', { level: 1 }).waitFor();
  await rose.page.getByRole('table').first().waitFor({ state: 'attached' });
  found.push(...(await wrong(rose, 'Portrait')));
  await rose.page.goto(`${rose.origin}/portrait/35184`);
  await rose.page.getByRole('heading', { name: named('Montauban-de-Bretagne', false) }).first().waitFor();
  found.push(...(await wrong(rose, 'Portrait of a commune')));
  await rose.goesTo('Bureau');
  await rose.sees(nameOf(1));
  found.push(...(await wrong(rose, 'Bureau, the feed')));
  await rose.page.goto(`${rose.origin}/bureau/invitations`);
  await rose.page.getByRole('heading', { level: 1 }).waitFor();
  found.push(...(await wrong(rose, 'Bureau, invitations')));
  assert.deepEqual(found, []);
});
