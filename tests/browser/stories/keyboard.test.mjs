// Each task from the door to the directory, by keyboard alone. Every control on the way shows its focus.

import assert from 'node:assert/strict';
import { Keys } from '../harness/keys.mjs';
import { named } from '../harness/person.mjs';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';

const PLACE = 'Point info de Landujan';

// Goal: Bienvenue, Ajouter, Fiche and Annuaire need no pointer. Method: Tab, Enter, Space, arrows and letters only.
story('every task is done by keyboard alone', async ({ server, arrives }) => {
  const amina = await arrives('Amina');
  const keys = new Keys(amina);
  const { page } = amina;

  // Bienvenue.
  await amina.opens(await server.invite('contributor'));
  await keys.types(page.getByLabel(named('Comment vous appelez-vous ?')), 'Amina');
  await keys.presses(amina.button('Entrer'));
  await amina.seesSafe();

  // Ajouter: name, commune, which help.
  await keys.presses(page.getByRole('navigation', { name: named('Les pages') }).getByRole('link', { name: named('Ajouter') }));
  await keys.types(page.getByLabel(named('Comment s’appelle ce lieu ?')), PLACE);
  await keys.types(page.getByRole('combobox', { name: named('Dans quelle commune ?') }), 'Landuj');
  await page.getByRole('option', { name: named('Landujan') }).waitFor();
  await amina.page.keyboard.press('Enter');
  await keys.presses(page.getByRole('checkbox', { name: named('Être aidé·e', false) }), 'Space');
  await keys.presses(amina.button('Ajouter ce lieu'));
  await amina.heading(PLACE).waitFor();

  // Fiche: a field that is empty, the same field again, and the record confirmed.
  await keys.presses(amina.button('Ajouter un téléphone'));
  const phone = page.getByRole('textbox', { name: named('Téléphone', false) });
  await until('the box that opened has the focus', () => phone.evaluate((box) => box === document.activeElement));
  await page.keyboard.type('02 99 07 20 01');
  await keys.presses(amina.button('Terminé : Téléphone'));
  await amina.sees('02 99 07 20 01');
  await keys.presses(amina.button('Modifier Téléphone'));
  await keys.types(phone, '02 99 07 20 02');
  await keys.presses(amina.button('Terminé : Téléphone'));
  await keys.reaches(page.getByLabel(named('Comment l’avez-vous vérifié ?')));
  await page.keyboard.press('ArrowDown');
  await keys.presses(amina.button('C’est toujours exact'));
  await until('the server has what the keyboard wrote', async () => {
    const kept = (await server.structures()).get(PLACE);
    return kept?.phone === '02 99 07 20 02' && kept.confirmed?.how === 'call' && kept.services[0]?.family === 'assist';
  });

  // Annuaire: search, open, and back.
  await keys.presses(page.getByRole('navigation', { name: named('Les pages') }).getByRole('link', { name: named('Annuaire') }));
  await keys.types(page.getByRole('searchbox'), 'landujan');
  await keys.presses(amina.entry(PLACE));
  await amina.heading(PLACE).waitFor();
  await page.keyboard.press('Alt+ArrowLeft');
  await page.getByRole('searchbox').waitFor();
});

// Goal: whoever comes by keyboard need not pass the whole frame each time. Method: the first Tab, and Enter.
story('the first step leads to the content', async ({ comes }) => {
  const amina = await comes('Amina');
  await amina.reloads();
  await amina.seesSafe();
  await amina.page.keyboard.press('Tab');
  const skip = amina.page.getByRole('link', { name: named('Aller au contenu') });
  assert.ok(await skip.evaluate((link) => link === document.activeElement));
  await amina.page.keyboard.press('Enter');
  assert.equal(await amina.page.evaluate(() => document.activeElement?.id), 'content');
});
