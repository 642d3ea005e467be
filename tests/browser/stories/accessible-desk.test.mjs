// The pages of figures and the référent·e's desk: axe finds nothing, and nothing sticks out at 320 px or at 200 %.

import assert from 'node:assert/strict';
import { named } from '../harness/person.mjs';
import { nameOf, seed } from '../harness/seed.mjs';
import { wrong } from '../harness/states.mjs';
import { story } from '../harness/story.mjs';

// Goal: the same for the référent·e. Method: portrait, one commune, each part of the desk.
story('axe finds nothing on portrait and desk, and nothing sticks out', async ({ server, comes }) => {
  await seed(server, 60);
  const rose = await comes('Rose', 'referent');
  const found = [];
  await rose.goesTo('Portrait');
  await rose.page.getByRole('heading', { level: 1 }).waitFor();
  await rose.page.getByRole('table').first().waitFor({ state: 'attached' });
  found.push(...(await wrong(rose, 'Portrait')));
  await rose.page.goto(`${rose.origin}/permanences`);
  await rose.page.getByRole('radio', { name: named('le moins de trajet en tout') }).check();
  await rose.button('Chercher').click();
  await rose.page.getByRole('table', { name: named('Avant et après') }).waitFor();
  await rose.page.getByLabel(named('Nom de ce choix')).fill('Trois permanences');
  await rose.button('Garder').click();
  await rose.page.getByRole('table', { name: named('Les choix gardés') }).waitFor();
  found.push(...(await wrong(rose, 'Permanences')));
  await rose.page.goto(`${rose.origin}/portrait/35184`);
  await rose.page.getByRole('heading', { name: named('Montauban-de-Bretagne', false) }).first().waitFor();
  found.push(...(await wrong(rose, 'Portrait of a commune')));
  await rose.page.goto(`${rose.origin}/reglages`);
  await rose.page.getByRole('spinbutton', { name: named('Le temps le plus court') }).fill('45');
  await rose.button('Enregistrer et recalculer').click();
  await rose.sees('Un réglage ne peut pas être pris');
  found.push(...(await wrong(rose, 'Réglages, with a fault')));
  await server.neighbour('Territoire voisin');
  await rose.page.goto(`${rose.origin}/comparer`);
  await rose.page.getByRole('table').first().waitFor();
  found.push(...(await wrong(rose, 'Comparer')));
  await rose.goesTo('Bureau');
  await rose.sees(nameOf(60));
  found.push(...(await wrong(rose, 'Bureau, the feed')));
  await rose.page.goto(`${rose.origin}/bureau/invitations`);
  await rose.page.getByRole('heading', { level: 1 }).waitFor();
  found.push(...(await wrong(rose, 'Bureau, invitations')));
  await comes('Amina');
  await rose.page.goto(`${rose.origin}/bureau/personnes`);
  await rose.button('Changer le rôle de Amina').waitFor();
  found.push(...(await wrong(rose, 'Bureau, people')));
  await rose.button('Changer le rôle de Amina').click();
  await rose.page.getByRole('radio', { name: named('Élu·e ou technicien·ne', false) }).check();
  found.push(...(await wrong(rose, 'Bureau, another role')));
  await rose.button('Annuler').click();
  await rose.button('Retirer l’accès de Amina').click();
  found.push(...(await wrong(rose, 'Bureau, access taken back')));
  await rose.button('Annuler').click();
  rose.goesOffline();
  await rose.seesChip(/^Hors ligne/);
  found.push(...(await wrong(rose, 'Bureau, people, offline')));
  assert.deepEqual(found, []);
});
