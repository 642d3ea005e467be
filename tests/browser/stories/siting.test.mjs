// « Où ouvrir une permanence ? »: asked, answered, kept to be compared; the communes that come first, with the reason.

import assert from 'node:assert/strict';
import { Keys } from '../harness/keys.mjs';
import { named } from '../harness/person.mjs';
import { seed } from '../harness/seed.mjs';
import { story } from '../harness/story.mjs';

// Goal: from the figure to what to do about it, by keyboard alone. Method: the portrait's ranking, the question with its
// sliders, the answer; the choice is kept, seen by somebody who reads, and removed.
story('where a permanence would help is asked, answered and kept', async ({ server, comes }) => {
  await seed(server, 12);
  const [rose, elise] = [await comes('Rose', 'referent'), await comes('Élise', 'reader')];
  const keys = new Keys(rose);
  await rose.goesTo('Portrait');
  const ranking = rose.page.getByRole('table', { name: named('Les communes, de la plus à la moins prioritaire') });
  await ranking.waitFor();
  assert.match(await ranking.innerText(), /sans heures suffisantes à portée/);
  await keys.presses(rose.page.getByRole('link', { name: named('Où ouvrir une permanence ?') }));

  const count = rose.page.getByRole('slider', { name: named('Combien de permanences ?') });
  await keys.reaches(count);
  await rose.page.keyboard.press('Home');
  await rose.page.keyboard.press('ArrowRight');
  assert.match((await count.getAttribute('aria-valuetext')) ?? '', /^2 permanences$/);
  await keys.reaches(rose.page.getByRole('radio', { name: named('le plus de personnes à portée') }));
  await rose.page.keyboard.press('ArrowDown');
  await keys.presses(rose.button('Chercher'));
  await rose.page.getByRole('heading', { name: named('Le meilleur choix') }).waitFor();
  await rose.sees('min de trajet');
  await rose.sees('C’est prouvé');
  const chosen = rose.page.getByRole('table', { name: named('Les communes choisies') });
  const names = (await chosen.getByRole('rowheader').allInnerTexts()).map((text) => text.trim());
  assert.equal(names.length, 2);
  await rose.page.getByRole('img', { name: named(names[0], false) }).waitFor();
  await rose.page.getByRole('table', { name: named('Avant et après') }).waitFor();

  await keys.types(rose.page.getByLabel(named('Nom de ce choix')), 'Deux jours au nord');
  await rose.page.keyboard.press('Enter');
  await rose.sees('C’est gardé');
  await elise.page.goto(`${elise.origin}/permanences`);
  const kept = elise.page.getByRole('table', { name: named('Les choix gardés') });
  await kept.getByRole('rowheader', { name: named('Deux jours au nord', false) }).waitFor();
  assert.match(await kept.innerText(), new RegExp(names[1]));
  assert.equal(await elise.page.getByRole('button', { name: named('Retirer le choix', false) }).count(), 0);

  await rose.button('Retirer le choix Deux jours au nord').click();
  await rose.page.getByRole('dialog').getByRole('button', { name: named('Retirer') }).click();
  await rose.sees('Le choix est retiré');
  await rose.sees('Aucun choix n’est gardé');
});

// Goal: without network it is said what needs it, and what is known stays. Method: the ranking read once, the line cut.
story('ranking and permanences without network', async ({ server, comes }) => {
  await seed(server, 12);
  const elise = await comes('Élise', 'reader');
  await elise.goesTo('Portrait');
  await elise.page.getByRole('table', { name: named('Les communes, de la plus', false) }).waitFor();
  elise.goesOffline();
  await elise.seesChip(/^Hors ligne/);
  await elise.sees('c’est le classement du');
  await elise.page.getByRole('table', { name: named('Les communes, de la plus', false) }).waitFor();
  await elise.page.getByRole('link', { name: named('Où ouvrir une permanence ?') }).click();
  await elise.sees('Chercher demande le réseau');
  assert.equal(await elise.button('Chercher').getAttribute('aria-disabled'), 'true');
});
