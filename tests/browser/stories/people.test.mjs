// The référent·e says who may do what: people and devices, other roles, access taken back.

import assert from 'node:assert/strict';
import { Keys } from '../harness/keys.mjs';
import { named } from '../harness/person.mjs';
import { story } from '../harness/story.mjs';

const PLACE = 'Mairie de Muel';

/** Opens the part of the Bureau that lists people. */
async function opensPeople(person) {
  await person.goesTo('Bureau');
  await person.page.getByRole('link', { name: named('Personnes et appareils') }).click();
  await person.page.getByRole('article', { name: named(`${person.name} (vous)`) }).waitFor();
}
const card = (person, name) => person.page.getByRole('article', { name: named(name) });

// Goal: another role is in force at once and said to whoever it concerns; what they had not sent is kept, and said too.
// Method: one who writes without network is made a reader by keyboard, comes back, and is made a contributor again.
story('another role is in force at once, and loses nothing', async ({ server, comes }) => {
  const [rose, amina] = [await comes('Rose', 'referent'), await comes('Amina')];
  await amina.adds(PLACE);
  await amina.seesSafe();
  amina.goesOffline();
  await amina.seesChip(/^Hors ligne/);
  await amina.sets(PLACE, 'Téléphone', '02 99 06 40 00');

  await opensPeople(rose);
  const keys = new Keys(rose);
  await keys.presses(rose.button('Changer le rôle de Amina'));
  const dialog = rose.page.getByRole('dialog');
  await dialog.waitFor();
  await keys.reaches(dialog.getByRole('radio', { name: named('Acteur·trice de terrain', false) }));
  await rose.page.keyboard.press('ArrowUp');
  await rose.sees('reste sur son appareil');
  await keys.presses(rose.button('Donner ce rôle'));
  await rose.sees('C’est fait. Amina : Élu·e ou technicien·ne.');
  await card(rose, 'Amina').getByText(named('Élu·e ou technicien·ne')).waitFor();

  amina.comesOnline();
  await amina.sees('La personne référente a changé votre rôle.');
  await amina.seesChip(/^1 modification attend l’accord de la référente$/);
  await amina.goesToDevice();
  await amina.sees('Votre invitation ne permet pas de l’écrire');
  await amina.button('Exporter dans un fichier').waitFor();

  await rose.button('Changer le rôle de Amina').click();
  await rose.page.getByRole('radio', { name: named('Acteur·trice de terrain', false) }).check();
  await rose.button('Donner ce rôle').click();
  await amina.seesSafe();
  assert.equal((await server.structures()).get(PLACE).phone, '02 99 06 40 00');
});

// Goal: access is taken back at once, what was sent stays, what was not is kept on the device; the last référente stays.
// Method: revoke somebody who works, then try to go oneself.
story('access is taken back, what was written stays, and the last référente cannot go', async ({ server, comes }) => {
  const [rose, amina] = [await comes('Rose', 'referent'), await comes('Amina')];
  await amina.adds(PLACE);
  await amina.seesSafe();
  await opensPeople(rose);
  await rose.button('Retirer l’accès de Amina').click();
  await rose.sees('Tout ce que Amina a envoyé reste dans l’annuaire');
  await rose.button('Annuler').click();
  await card(rose, 'Amina').waitFor();
  await rose.button('Retirer l’accès de Amina').click();
  await rose.page.getByRole('dialog').getByRole('button', { name: named('Retirer l’accès') }).click();
  await rose.sees('C’est fait : Amina n’a plus accès.');
  assert.equal(await card(rose, 'Amina').count(), 0);
  amina.browser.expects(/status of 401/);
  await amina.seesChip(/^Cet appareil n’est plus relié · rien n’est perdu$/);
  await amina.looksAt(PLACE);
  assert.ok((await server.structures()).has(PLACE));

  rose.browser.expects(/status of 409/);
  await rose.button('Retirer l’accès de Rose').click();
  await rose.sees('C’est la seule personne référente du territoire');
  await rose.page.getByRole('dialog').getByRole('button', { name: named('Retirer l’accès') }).click();
  await rose.page.getByRole('dialog').waitFor();
  await rose.button('Annuler').click();
  await card(rose, 'Rose (vous)').waitFor();
});

// Goal: without network the page says what is known and since when, and orders nothing. Method: cut the line, try.
story('people and devices without network', async ({ comes }) => {
  const rose = await comes('Rose', 'referent');
  await comes('Amina');
  await opensPeople(rose);
  rose.goesOffline();
  await rose.seesChip(/^Hors ligne/);
  await rose.sees('Changer un rôle ou retirer un accès demande le réseau');
  await rose.reloads();
  await rose.sees('Ce qui est affiché ici date du');
  await card(rose, 'Amina').waitFor();
  assert.equal(await rose.button('Changer le rôle de Amina').getAttribute('aria-disabled'), 'true');
});

// Goal: one person on two devices is one person. Method: the link of « Un autre appareil », opened in another browser;
// the référente sees both devices of one person, and takes one back.
story('somebody comes in on a second device', async ({ comes, arrives }) => {
  const [rose, amina] = [await comes('Rose', 'referent'), await comes('Amina')];
  await amina.goesToDevice();
  await amina.button('Faire un lien pour un autre appareil').click();
  await amina.sees('Ce lien marche une fois');
  const link = await amina.page.getByLabel(named('Lien d’invitation')).inputValue();
  const phone = await arrives('Amina');
  await phone.comesIn(link);
  await opensPeople(rose);
  await card(rose, 'Amina').getByText(named('Voir ses appareils')).click();
  await rose.sees('2 appareils');
  await card(rose, 'Amina').getByRole('button', { name: named('Retirer l’appareil de Amina', false) }).last().click();
  phone.browser.expects(/status of 401/);
  await rose.button('Retirer cet appareil').click();
  await rose.sees('cet appareil de Amina n’a plus accès');
  await phone.seesChip(/^Cet appareil n’est plus relié/);
  await amina.seesSafe();
});
