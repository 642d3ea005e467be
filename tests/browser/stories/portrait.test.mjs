// What the portrait publishes: its settings, its history, files, paper, and figures that move while one looks at them.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { named, plain } from '../harness/person.mjs';
import { seed } from '../harness/seed.mjs';
import { story } from '../harness/story.mjs';

const TABLE = 'La progression, du plus récent au plus ancien';

/** How many sheets a printed page takes. */
function sheets(pdf) {
  return pdf.toString('latin1').match(/\/Type\s*\/Page(?![a-zA-Z])/g)?.length ?? 0;
}

/** Prints what stands on the page, as « Imprimer » would. */
async function printed(person) {
  await person.page.emulateMedia({ media: 'print' });
  const words = plain(await person.page.getByRole('main').innerText());
  const pdf = await person.page.pdf({ format: 'A4', printBackground: true, preferCSSPageSize: true });
  await person.page.emulateMedia({ media: 'screen' });
  return { words, pdf };
}

// Goal: a commune's portrait is one sheet of paper, the territory's several. Method: both as PDF; their sheets are counted,
// and the words that must be on paper looked for.
story('a commune is printed on one sheet', async ({ server, comes }) => {
  await seed(server, 30);
  const elise = await comes('Élise', 'reader');
  for (const [code, name] of [['35184', 'Montauban-de-Bretagne'], ['35026', 'Bléruais']]) {
    await elise.page.goto(`${elise.origin}/portrait/${code}`);
    await elise.page.getByRole('heading', { name: named(name, false) }).first().waitFor();
    await elise.page.getByRole('table', { name: named('Détail par famille', false) }).waitFor();
    const { words, pdf } = await printed(elise);
    assert.equal(sheets(pdf), 1, name);
    for (const part of ['risquent de ne pas accéder à leurs droits', 'Fragilité socio-numérique', 'Être aidé·e', 'État du répertoire', 'Source']) {
      assert.ok(words.includes(part), `${name}: ${part}`);
    }
    assert.ok(!words.includes('Télécharger') && !words.includes('Imprimer'), words);
  }
  await elise.goesTo('Portrait');
  await elise.page.getByRole('table', { name: named(TABLE) }).waitFor();
  const whole = await printed(elise);
  assert.ok(sheets(whole.pdf) > 1 && sheets(whole.pdf) < 12, `${sheets(whole.pdf)} sheets`);
  assert.ok(whole.words.includes('Communes prioritaires') && whole.words.includes('Progression'));
});

// Goal: a référent·e tunes the portrait and takes it back, whoever reads sees what it is counted with. Method: a time and a
// weight, a number that cannot be; the portrait's words follow.
story('the portrait is tuned by a référent·e and read by others', async ({ server, comes }) => {
  await seed(server, 12);
  const [rose, elise] = [await comes('Rose', 'referent'), await comes('Élise', 'reader')];
  await elise.page.goto(`${elise.origin}/reglages`);
  await elise.sees('La personne référente peut les changer');
  const near = (person) => person.page.getByRole('spinbutton', { name: named('Le temps le plus court') });
  assert.equal(await near(elise).getAttribute('readonly'), '');
  assert.equal(await elise.page.getByRole('button', { name: named('Enregistrer', false) }).count(), 0);

  await rose.goesTo('Portrait');
  await rose.page.getByRole('link', { name: named('Réglages du portrait') }).click();
  await near(rose).fill('40');
  await rose.button('Enregistrer et recalculer').click();
  await rose.sees('Un réglage ne peut pas être pris');
  await near(rose).fill('10');
  await rose.page.getByRole('spinbutton', { name: named('personnes sans diplôme', false) }).fill('50');
  await rose.button('Enregistrer et recalculer').click();
  await rose.sees('Les chiffres sont recalculés');
  await rose.goesTo('Portrait');
  await rose.page.getByRole('columnheader', { name: named('Personnes à moins de 10 min') }).waitFor();
  await elise.reloads();
  await elise.sees('par défaut : 15');
  assert.equal(await near(elise).inputValue(), '10');

  await rose.page.getByRole('link', { name: named('Réglages du portrait') }).click();
  await rose.button('Rétablir les valeurs par défaut').click();
  await rose.page.getByRole('dialog').getByRole('button', { name: named('Rétablir') }).click();
  await rose.sees('Les valeurs par défaut sont rétablies');
  assert.equal(await near(rose).inputValue(), '15');
});

// Goal: progress is there from the first day, a référent·e names a point, figures leave as files. Method: an empty history, a
// point, a table that is downloaded and read.
story('progress is kept, figures leave as files, territories are compared', async ({ server, comes }) => {
  const rose = await comes('Rose', 'referent');
  await rose.goesTo('Portrait');
  await rose.sees('C’est le premier jour');
  await rose.page.getByLabel(named('Garder les chiffres d’aujourd’hui sous un nom')).fill('Avant la collecte');
  await rose.button('Garder ce point').click();
  await rose.sees('Le point est gardé');
  const table = rose.page.getByRole('table', { name: named(TABLE) });
  assert.match(plain(await table.innerText()), /Avant la collecte.*gardé par Rose/u);
  await rose.page.getByRole('img', { name: named('Communes où un lieu est recensé', false) }).waitFor();

  const coming = rose.page.waitForEvent('download');
  await rose.page.getByRole('button', { name: named('Télécharger ce tableau : Commune par commune') }).click();
  const file = await coming;
  assert.match(file.suggestedFilename(), /^portrea-communes-\d{4}-\d\d-\d\d\.csv$/);
  const text = await readFile(await file.path(), 'utf8');
  assert.ok(text.startsWith('\u{feff}code INSEE;commune;population;'), text.slice(0, 80));
  assert.equal(text.trim().split('\r\n').length, 18);

  await rose.page.getByRole('link', { name: named('Comparer à d’autres territoires') }).click();
  await rose.sees('Aucun autre territoire de ce serveur ne montre ses totaux');
  const own = rose.page.getByRole('table', { name: named('Les territoires, le vôtre d’abord') });
  assert.match(plain(await own.innerText()), /CC de Saint-Méen Montauban le vôtre/);
  await server.neighbour('Territoire voisin');
  await rose.reloads();
  await own.getByRole('row', { name: named('Territoire voisin', false) }).waitFor();
});

// Goal: whoever looks at figures sees them move. Method: the ranking and an answer about permanences are open while somebody
// else gives the hours of a place.
story('figures move while one looks at them', async ({ server, comes }) => {
  await seed(server, 12);
  const [elise, rose, amina] = [await comes('Élise', 'reader'), await comes('Rose', 'referent'), await comes('Amina')];
  await elise.goesTo('Portrait');
  const ranking = elise.page.getByRole('table', { name: named('Les communes, de la plus', false) });
  await ranking.waitFor();
  await rose.page.goto(`${rose.origin}/permanences`);
  await rose.button('Chercher').click();
  await rose.page.getByRole('heading', { name: named('Le meilleur choix') }).waitFor();
  const state = async (person) => plain(await person.page.getByText(named('État du répertoire', false)).first().innerText());
  const before = [await state(elise), await state(rose)];
  await amina.adds('Tiers-lieu La Grange', { commune: 'Médréac' });
  await amina.seesSafe();
  await elise.sees('Mis à jour à l’instant');
  await rose.sees('Mis à jour à l’instant');
  assert.notEqual(await state(elise), before[0]);
  assert.notEqual(await state(rose), before[1]);
});
