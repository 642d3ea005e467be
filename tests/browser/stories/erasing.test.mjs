// Erasing for good from the Bureau and from a record: what somebody asked to have forgotten, with what others had not sent kept.

import assert from 'node:assert/strict';
import { named } from '../harness/person.mjs';
import { wrong } from '../harness/states.mjs';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';

const PLACE = 'Mairie de Gaël';
const SECRET = '02 99 06 77 77';

// Goal: the référent·e erases a phone number, knowing what goes and what cannot; on another browser it goes, and what was
// not sent stays. Method: somebody offline with an edit, the dialog walked through, first without the tick.
story('a value is erased by the référent·e, and unsent edits survive', async ({ server, comes }) => {
  const [rose, amina] = [await comes('Rose', 'referent'), await comes('Amina')];
  await amina.adds(PLACE);
  await amina.sets(PLACE, 'Téléphone', SECRET);
  await amina.seesSafe();
  await rose.looksAt(PLACE);
  await rose.sees(SECRET);
  assert.equal(await amina.button('Effacer pour toujours').count(), 0, 'it is a référent·e who erases');
  amina.goesOffline();
  await amina.sets(PLACE, 'Site web', 'https://gael.example.org/');

  await rose.button('Effacer pour toujours').click();
  const dialog = rose.page.getByRole('dialog');
  await dialog.getByLabel(named('Quel champ ?')).selectOption({ label: 'Téléphone' });
  assert.deepEqual(await wrong(rose, 'Fiche, what to erase'), []);
  await dialog.getByRole('button', { name: named('Chercher ce qu’il y en a') }).click();
  await rose.sees('Le serveur en garde');
  await rose.sees('les sauvegardes déjà faites');
  assert.deepEqual(await wrong(rose, 'Fiche, erasing'), []);
  const erases = dialog.getByRole('button', { name: named('Effacer pour toujours') });
  await erases.click();
  await rose.sees('Cochez d’abord la case au-dessus.');
  await dialog.getByRole('checkbox').check();
  await erases.click();
  await rose.sees('C’est effacé');
  await rose.sees('Les fichiers du serveur ont été refaits sans cela.');
  await dialog.getByRole('button', { name: named('Fermer') }).click();
  await until('nothing of it is on the page', async () => (await rose.page.getByText(SECRET).count()) === 0);
  assert.equal((await server.structures()).get(PLACE).phone ?? null, null);

  await amina.sees(SECRET);
  amina.comesOnline();
  await amina.sees('1 modification pas encore envoyée a suivi.');
  await until('it is gone here too', async () => (await amina.page.getByText(SECRET).count()) === 0);
  await amina.seesSafe();
  await until('the website is on the server', async () => (await server.structures()).get(PLACE).website === 'https://gael.example.org/');
});

// Goal: somebody's name goes, what they wrote stays; what was written where nothing is any more can be read, kept, and then
// removed from the device. Method: a record erased while somebody offline writes into it, then that person's name.
story('a record and a name are erased, and what was left aside is put away', async ({ server, comes }) => {
  const [rose, amina, paul] = [await comes('Rose', 'referent'), await comes('Amina'), await comes('Paul')];
  for (const place of [PLACE, 'Mairie de Muel']) await paul.adds(place);
  await paul.seesSafe();
  await amina.looksAt(PLACE);
  amina.goesOffline();
  await amina.sets(PLACE, 'Téléphone', SECRET);

  await rose.looksAt(PLACE);
  await rose.button('Effacer pour toujours').click();
  const dialog = rose.page.getByRole('dialog');
  await dialog.getByRole('radio', { name: named('Toute la fiche') }).check();
  await dialog.getByRole('button', { name: named('Chercher ce qu’il y en a') }).click();
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: named('Effacer pour toujours') }).click();
  await rose.sees('C’est effacé');
  await dialog.getByRole('button', { name: named('Fermer') }).click();

  await rose.goesTo('Bureau');
  await rose.page.getByRole('link', { name: named('Personnes et appareils') }).click();
  await rose.button('Effacer ses données : Paul').click();
  await rose.sees('Ce que cette personne a écrit dans l’annuaire reste, sans son nom.');
  assert.deepEqual(await wrong(rose, 'Bureau, erasing somebody'), []);
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: named('Effacer pour toujours') }).click();
  await rose.sees('1 appareil de cette personne n’a plus accès.');
  await dialog.getByRole('button', { name: named('Fermer') }).click();
  await rose.page.getByRole('article', { name: named('Paul') }).waitFor({ state: 'detached' });
  assert.deepEqual([...(await server.structures()).keys()], ['Mairie de Muel']);
  await rose.page.getByRole('link', { name: named('Actes') }).click();
  await rose.sees('Rose a effacé pour toujours : le nom de quelqu’un qui a écrit');

  amina.comesOnline();
  await amina.goesToDevice();
  await amina.sees(SECRET);
  await amina.button('Retirer cette liste').click();
  await amina.sees('Ces réponses n’existent plus que sur cet appareil.');
  await amina.page.getByRole('dialog').getByRole('button', { name: named('Retirer') }).click();
  await amina.sees('La liste est retirée.');
  await amina.page.reload();
  await amina.page.getByRole('heading', { level: 1, name: named('Cet appareil') }).waitFor();
  await amina.seesSafe();
  assert.equal(await amina.page.getByText(SECRET).count(), 0);
});
