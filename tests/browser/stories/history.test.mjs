// A record's history: who did what when, a clock that was wrong, and going back on a step.

import assert from 'node:assert/strict';
import { wrongClock } from '../harness/front.mjs';
import { Keys } from '../harness/keys.mjs';
import { named } from '../harness/person.mjs';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';

const PLACE = 'Espace de Saint-Pern';
const [FIRST, SECOND] = ['02 99 06 60 00', '02 99 06 60 99'];
const YEAR_MS = 31_557_600_000;

const opensHistory = async (person) => {
  await person.page.getByRole('main').locator('summary').getByText(named('Historique')).click();
};

// Goal: a value that somebody overwrote is a step away, and both stay in the history. Method: two people write a phone
// number, the first goes back by keyboard; the server, and the other's page, have the first number again.
story('a value that was overwritten is gone back to', async ({ server, comes }) => {
  const [amina, bruno] = [await comes('Amina'), await comes('Bruno')];
  await amina.adds(PLACE);
  await amina.sets(PLACE, 'Téléphone', FIRST);
  await amina.seesSafe();
  await bruno.looksAt(PLACE);
  await bruno.sees(FIRST);
  await bruno.sets(PLACE, 'Téléphone', SECOND);
  await bruno.seesSafe();
  await amina.sees(SECOND);
  await opensHistory(amina);
  await amina.page.getByRole('main').getByText(named('Bruno')).first().waitFor();
  const keys = new Keys(amina);
  await keys.presses(amina.button(`Revenir à cette valeur : Téléphone, « ${FIRST} »`));
  await amina.sees('La valeur d’aujourd’hui reste dans l’historique');
  await keys.presses(amina.button('Remettre'));
  await amina.sees('C’est remis');
  await until('the server has the first number again', async () => (await server.structures()).get(PLACE).phone === FIRST);
  await bruno.page.getByRole('link', { name: named(FIRST) }).first().waitFor();
  // What stands already is not offered.
  await amina.button(`Revenir à cette valeur : Téléphone, « ${SECOND} »`).waitFor();
  assert.equal(await amina.button(`Revenir à cette valeur : Téléphone, « ${FIRST} »`).count(), 0);
});

// Goal: without network the history says where it is, and the record can be written. Method: cut the line, open it.
story('the history without network', async ({ comes }) => {
  const amina = await comes('Amina');
  await amina.adds(PLACE);
  await amina.seesSafe();
  amina.goesOffline();
  await amina.seesChip(/^Hors ligne/);
  await opensHistory(amina);
  await amina.sees('L’historique est sur le serveur');
  await amina.sets(PLACE, 'Téléphone', FIRST);
  amina.comesOnline();
  await amina.seesSafe();
  await amina.page.getByRole('main').getByText(named('Amina (vous)')).first().waitFor();
});

// Goal: a clock that was years off is said, and orders nothing. Method: a browser whose clock is five years late writes.
story('a wrong clock is told in the history', async ({ comes, front }) => {
  const slow = await comes('Amina', 'contributor', { through: await front(wrongClock(-5 * YEAR_MS)) });
  await slow.adds(PLACE);
  await slow.seesSafe();
  const bruno = await comes('Bruno');
  await bruno.looksAt(PLACE);
  await opensHistory(bruno);
  await bruno.sees('L’horloge de l’appareil disait');
});
