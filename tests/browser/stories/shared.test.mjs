// Two people share a tablet: each has a directory of their own on it, and nothing leaves under another's name.

import assert from 'node:assert/strict';
import { named } from '../harness/person.mjs';
import { story } from '../harness/story.mjs';

const PLACE = 'Relais de Landujan';
const PHONE = '02 99 06 50 00';

// Goal: what one wrote and did not send is warned of, stays apart, and leaves under the right name when they are back.
// Method: Amina writes without network and is signed out meanwhile; Bruno comes in on the same browser, writes, and
// sees nothing of hers; then Amina comes back.
story('two people share a tablet', async ({ server, comes }) => {
  const link = await server.invite('contributor');
  const rose = await comes('Rose', 'referent');
  const tablet = await comes('Amina');
  await tablet.adds(PLACE);
  await tablet.seesSafe();
  tablet.goesOffline();
  await tablet.seesChip(/^Hors ligne/);
  await tablet.sets(PLACE, 'Téléphone', PHONE);
  await rose.goesTo('Bureau');
  await rose.page.getByRole('link', { name: named('Personnes et appareils') }).click();
  await rose.button('Retirer l’accès de Amina').click();
  await rose.page.getByRole('dialog').getByRole('button', { name: named('Retirer l’accès') }).click();
  await rose.sees('Amina n’a plus accès');
  tablet.browser.expects(/status of 401/);
  tablet.comesOnline();
  await tablet.seesChip(/^Cet appareil n’est plus relié/);

  const changes = async (name, { takesUp, apart }) => {
    await tablet.goesToDevice();
    await tablet.page.getByRole('link', { name: named('Changer de personne sur cet appareil') }).click();
    await tablet.button('Entrer avec un lien').click();
    await tablet.page.getByLabel(named('Votre lien ou votre code')).fill(link);
    await tablet.button('Continuer').click();
    await tablet.page.getByLabel(named('Comment vous appelez-vous ?')).fill(name);
    if (takesUp) await tablet.sees(takesUp);
    await tablet.sees(apart);
    await tablet.button('Entrer').click();
    await tablet.sees(`Bonjour ${name}`);
    await tablet.button('J’ai compris').click();
  };

  await tablet.goesToDevice();
  await tablet.page.getByRole('link', { name: named('Changer de personne sur cet appareil') }).click();
  await tablet.sees('1 modification n’est pas encore partie');
  await tablet.button('Exporter dans un fichier').waitFor();
  await tablet.page.goBack();
  await changes('Bruno', { apart: 'Ce qui est écrit ici par Amina reste à part' });
  await tablet.seesSafe();
  assert.doesNotMatch(await tablet.reads(PLACE), new RegExp(PHONE));
  await tablet.sets(PLACE, 'Adresse', '3 rue du Four');
  await tablet.seesSafe();
  const meanwhile = (await server.structures()).get(PLACE);
  assert.deepEqual([meanwhile.phone ?? null, meanwhile.address], [null, '3 rue du Four'], 'nothing of Amina left with Bruno');
  await tablet.goesToDevice();
  await tablet.sees('1 modification pas encore envoyée');

  await changes('Amina', { takesUp: '1 modification qui attend partira sous ce nom', apart: 'Ce qui est écrit ici par Bruno' });
  // By a new link she is a new contributor, and what she wrote as another one is for the référente to take.
  await tablet.seesChip(/^1 modification attend l’accord de la référente$/);
  await rose.page.getByRole('link', { name: named('Refusées', false) }).click();
  await rose.button('Accepter la modification de Amina').click();
  await rose.sees('C’est accepté');
  await tablet.seesSafe();
  assert.match(await tablet.reads(PLACE), new RegExp(PHONE));
  const kept = (await server.structures()).get(PLACE);
  assert.deepEqual([kept.phone, kept.address], [PHONE, '3 rue du Four']);
  const { authors } = await server.read('/authors');
  const names = new Set(Object.values(authors).map(({ name }) => name));
  assert.deepEqual([...names].filter((name) => name !== '').sort(), ['Amina', 'Bruno']);
});

// Goal: who leaves a shared tablet for good leaves the others' things there. Method: two come in, the second erases.
story('erasing what one wrote leaves what another wrote', async ({ server, comes }) => {
  const link = await server.invite('contributor');
  const tablet = await comes('Amina');
  await tablet.adds(PLACE);
  await tablet.seesSafe();
  await tablet.opens(link);
  await tablet.sees('Le lien que vous venez d’ouvrir n’a pas encore servi');
  await tablet.button('Entrer avec un lien').click();
  await tablet.names('Bruno');
  await tablet.seesSafe();
  await tablet.goesToDevice();
  await tablet.sees('Aussi sur cet appareil');
  await tablet.button('Déconnecter cet appareil').click();
  await tablet.page.getByRole('radio', { name: named('L’effacer d’ici', false) }).check();
  await tablet.button('Déconnecter et effacer').click();
  await tablet.sees('Amina : tout est enregistré sur le serveur.');
  tablet.browser.expects(/status of 401/);
  const kept = await tablet.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));
  assert.deepEqual(kept.filter((name) => name.startsWith('portrea')).sort(), ['portrea', 'portrea-kept']);
});
