// What somebody writes without the right to is set aside whole: said to them, decided by the référent·e, never lost.

import assert from 'node:assert/strict';
import { Keys } from '../harness/keys.mjs';
import { named } from '../harness/person.mjs';
import { wrong } from '../harness/states.mjs';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';

const PLACE = 'Mairie de Bléruais';

/** Sam, a référent·e, validates a record without network, and is made a contributor meanwhile. */
async function overtaken({ server, comes }) {
  const [rose, sam] = [await comes('Rose', 'referent'), await comes('Sam', 'referent')];
  await rose.adds(PLACE);
  await rose.seesSafe();
  await sam.looksAt(PLACE);
  sam.goesOffline();
  await sam.seesChip(/^Hors ligne/);
  await sam.button('Valider cette fiche').click();
  await sam.sees('C’est validé');
  await sam.sets(PLACE, 'Téléphone', '02 99 06 70 00');
  await rose.goesTo('Bureau');
  await rose.page.getByRole('link', { name: named('Personnes et appareils') }).click();
  await rose.button('Changer le rôle de Sam').click();
  await rose.page.getByRole('radio', { name: named('Acteur·trice de terrain', false) }).check();
  await rose.button('Donner ce rôle').click();
  await rose.sees('C’est fait. Sam');
  sam.comesOnline();
  await sam.seesChip(/^1 modification attend l’accord de la référente$/);
  // What Sam wrote besides stands in the directory.
  await until('the phone number is there', async () => (await server.structures()).get(PLACE).phone === '02 99 06 70 00');
  return { rose, sam };
}

// Goal: the author knows what waits and why; the référent·e takes it, by keyboard, and it stands under its author's name.
story('what was set aside is accepted', async (scene) => {
  const { rose, sam } = await overtaken(scene);
  await sam.goesToDevice();
  await sam.sees('Ce que le serveur a mis de côté');
  await sam.sees('réservée à la personne référente');
  await rose.page.getByRole('link', { name: named('Refusées', false) }).click();
  await rose.button('Accepter la modification de Sam').waitFor();
  const found = [...(await wrong(sam, 'Cet appareil, something set aside')), ...(await wrong(rose, 'Bureau, refused'))];
  assert.deepEqual(found, []);
  const keys = new Keys(rose);
  await keys.presses(rose.button('Accepter la modification de Sam'));
  await rose.sees('C’est accepté : la modification de Sam est dans l’annuaire.');
  await until('the record is validated', async () => (await scene.server.structures()).get(PLACE).validation !== null);
  await sam.seesSafe();
});

// Goal: a rejection reaches its author's screen at once, and not when they ask again. Method: the same,
// rejected while its author looks at the device's page.
story('what was set aside is rejected, and its author sees it at once', async (scene) => {
  const { rose, sam } = await overtaken(scene);
  await sam.goesToDevice();
  await sam.sees('Ce que le serveur a mis de côté');
  await rose.page.getByRole('link', { name: named('Refusées', false) }).click();
  await rose.button('Refuser la modification de Sam').click();
  const rejected = performance.now();
  await sam.sees('Refusé');
  await sam.seesSafe();
  const seconds = (performance.now() - rejected) / 1000;
  assert.ok(seconds < 10, `it took ${seconds} s`);
});

// Goal: who wrote it can take it back; nobody is asked any more. Method: the same, withdrawn on the author's device.
story('what was set aside is taken back by its author', async (scene) => {
  const { rose, sam } = await overtaken(scene);
  await sam.goesToDevice();
  await sam.button('Retirer cette modification').click();
  await sam.sees('Elle n’attendra plus l’accord de personne');
  await sam.button('Retirer').click();
  await sam.sees('C’est retiré.');
  await sam.seesSafe();
  await rose.page.getByRole('link', { name: named('Refusées', false) }).click();
  await rose.sees('Retiré par son auteur·e');
  assert.equal(await rose.button('Accepter la modification de Sam').count(), 0);
});

// Goal: whoever has much waiting is dealt with in one go, and the référent·e sees how much waits wherever they are. Method:
// two records validated by Sam, who is made a contributor meanwhile.
story('everything of one person is accepted in one go', async ({ server, comes }) => {
  const [rose, sam] = [await comes('Rose', 'referent'), await comes('Sam', 'referent')];
  const places = [PLACE, 'Mairie de Gaël'];
  for (const place of places) await rose.adds(place);
  await rose.seesSafe();
  await sam.looksAt(places[1]);
  sam.goesOffline();
  await sam.seesChip(/^Hors ligne/);
  for (const place of places) {
    await sam.looksAt(place);
    await sam.button('Valider cette fiche').click();
    await sam.sees('C’est validé');
  }
  await rose.goesTo('Bureau');
  await rose.page.getByRole('link', { name: named('Personnes et appareils') }).click();
  await rose.button('Changer le rôle de Sam').click();
  await rose.page.getByRole('radio', { name: named('Acteur·trice de terrain', false) }).check();
  await rose.button('Donner ce rôle').click();
  await rose.sees('C’est fait. Sam');
  sam.comesOnline();
  await sam.seesChip(/^2 modifications attendent/);
  await rose.page.reload();
  await rose.page.getByRole('link', { name: /^Bureau\s*2\s+modifications attendent$/ }).waitFor();
  await rose.page.getByRole('link', { name: named('Refusées', false) }).click();
  await rose.button('Accepter les 2 à la fois').waitFor();
  assert.deepEqual(await wrong(rose, 'Bureau, several refused'), []);
  await rose.button('Accepter les 2 à la fois').click();
  await rose.sees('2 modifications de Sam sont dans l’annuaire');
  for (const place of places) {
    await until('the record is validated', async () => (await server.structures()).get(place).validation !== null);
  }
});
