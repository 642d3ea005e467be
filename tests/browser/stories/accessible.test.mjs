// Every place where people come in and contribute, in every state: axe finds nothing (WCAG 2.2 AA), and nothing sticks out at 320 px or at 200 %.

import assert from 'node:assert/strict';
import { named } from '../harness/person.mjs';
import { nameOf, seed } from '../harness/seed.mjs';
import { wrong } from '../harness/states.mjs';
import { story } from '../harness/story.mjs';

const PLACE = 'Médiathèque de Saint-Onen-la-Chapelle';

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
  await amina.button('Faire un lien pour un autre appareil').click();
  await amina.sees('Ce lien marche une fois');
  found.push(...(await wrong(amina, 'Cet appareil, safe, with a link for another')));
  await amina.page.getByRole('link', { name: named('Changer de personne sur cet appareil') }).click();
  await amina.button('Entrer avec un lien').click();
  await amina.page.getByLabel(named('Votre lien ou votre code')).fill(await server.invite('contributor'));
  await amina.button('Continuer').click();
  await amina.page.getByLabel(named('Comment vous appelez-vous ?')).fill('Bruno');
  found.push(...(await wrong(amina, 'Bienvenue, on a shared device')));
  await amina.page.goto(`${amina.origin}/annuaire`);
  await amina.looksAt(PLACE);
  await amina.sees('Deux réponses pour Téléphone');
  await amina.page.getByRole('main').locator('summary').getByText(named('Historique')).click();
  await amina.page.getByRole('button', { name: named('Revenir à cette valeur : Téléphone', false) }).first().click();
  await amina.button('Remettre').waitFor();
  found.push(...(await wrong(amina, 'Fiche, two answers, its history')));
  await seed(server, 60);
  await amina.goesTo('Annuaire');
  await amina.page.getByRole('searchbox').fill('');
  await amina.sees('61 lieux');
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
