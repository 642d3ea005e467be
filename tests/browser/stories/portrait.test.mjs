// What the portrait publishes: its settings, its history, files, paper, and figures that move while one looks at them.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { bare, misplaced, printed } from '../harness/paper.mjs';
import { named, plain } from '../harness/person.mjs';
import { seed } from '../harness/seed.mjs';
import { Server } from '../harness/server.mjs';
import { story } from '../harness/story.mjs';

const TABLE = 'La progression, du plus récent au plus ancien';

/** What belongs to the screen and is on no paper: pages, the chip, buttons. */
const SCREEN = [
  'Aller au contenu', 'Annuaire', 'Ajouter', 'Tout est enregistré', 'Imprimer', 'Télécharger', 'Afficher ', 'Voir en tableau', 'Voir l’annuaire', 'Voir le', 'Supprimer',
  'Garder ce point', 'Garder les chiffres', 'Où ouvrir une permanence', 'Réglages du portrait', 'Comparer à d’autres territoires', 'Tout le territoire', 'Mis à jour', 'faites défiler',
];

/** Holds sheets to what every sheet is held to: nothing cut, nothing over another, no empty one, nothing of the screen. */
function soundPaper({ sheets, text, words, rows }, name) {
  assert.deepEqual(misplaced(sheets), [], name);
  sheets.forEach((sheet, at) => assert.ok(sheet.text.split(' ').length > 60, `${name}: sheet ${at + 1} is empty: ${sheet.text}`));
  for (const part of SCREEN) assert.ok(!text.includes(part) && !words.includes(part), `${name}: « ${part} » is on paper`);
  const all = bare(text);
  assert.ok(rows.length > 5, `${name}: ${rows.length} rows`);
  for (const row of rows) assert.ok(all.includes(bare(row)), `${name}: « ${row} » is not on paper`);
}

// Goal: each commune's portrait is one sheet of paper, with its figures, its bars, its neighbours and where all that comes
// from. Method: every commune of the demonstration as PDF, read back.
story('a commune is printed on one sheet', async ({ server, comes }) => {
  const elise = await comes('Élise', 'reader');
  const { communes } = await server.read('/indicators');
  assert.equal(Object.keys(communes).length, 17);
  for (const [code, { name }] of Object.entries(communes)) {
    await elise.page.goto(`${elise.origin}/portrait/${code}`);
    await elise.page.getByRole('heading', { level: 1, name: named(name, false) }).waitFor();
    await elise.page.getByRole('table', { name: named('Détail par famille', false) }).waitFor();
    await elise.page.getByRole('listbox').getByRole('option').first().waitFor();
    const paper = await printed(elise);
    assert.equal(paper.sheets.length, 1, name);
    soundPaper(paper, name);
    const wanted = [
      `Portrait de la commune ${name}`, 'Calculé le', 'risquent de ne pas accéder à leurs droits', 'Fragilité socio-numérique', 'Exposition aux exigences numériques', 'Événements d’une année',
      'Ce qui est proposé, face au besoin', 'au-delà', 'La commune et ses voisines', 'Contours des communes', 'D’où viennent ces chiffres', 'État du répertoire',
      'Source : INSEE (populations) · chiffres inventés pour montrer l’outil',
    ];
    for (const part of wanted) assert.ok(bare(paper.text).includes(bare(part)), `${name}: ${part} in ${paper.text}`);
    assert.equal(paper.rows.filter((row) => Object.values(communes).some((one) => row.startsWith(`${one.name} `))).length, 11, `${name}: ${paper.rows}`);
  }
}, () => Server.demo());

// Goal: the territory's portrait is a report of a few sheets that says all the page says, and says it readably. Method: the
// demonstration's as PDF, read back: figures, tables row by row, progress, sources and the date.
story('the territory is printed as a report', async ({ server, comes }) => {
  const elise = await comes('Élise', 'reader');
  await elise.goesTo('Portrait');
  await elise.page.getByRole('table', { name: named(TABLE) }).waitFor();
  await elise.page.getByRole('table', { name: named('Les communes, de la plus', false) }).waitFor();
  await elise.page.getByRole('listbox').getByRole('option').first().waitFor();
  const paper = await printed(elise);
  assert.ok(paper.sheets.length > 2 && paper.sheets.length < 7, `${paper.sheets.length} sheets`);
  soundPaper(paper, 'the report');
  const { territory } = await server.read('/indicators');
  const written = (figure) => new Intl.NumberFormat('fr').format(figure);
  const when = await elise.page.getByText(named('Calculé le', false)).first().innerText();
  assert.match(when, /\d{4}/u);
  const wanted = [
    'Portrait du territoire CC de Saint-Méen Montauban', when, `${written(territory.population)} habitant·es`, 'risquent de ne pas accéder à leurs droits',
    'Qui est concerné', 'Détail par famille', 'Être aidé·e', 'Se former', 'Ce que l’annuaire sait', 'Communes prioritaires', '1 Saint-Méen-le-Grand', 'Commune par commune', 'Légende',
    'Montauban-de-Bretagne', 'Progression', 'Maintenant', 'D’où viennent ces chiffres', 'Sources : INSEE (populations) · chiffres inventés pour montrer l’outil · l’annuaire', 'État du répertoire',
  ];
  for (const part of wanted) assert.ok(bare(paper.text).includes(bare(part)), `${part} in ${paper.text}`);
  const places = await elise.page.getByText(named('lieux recensés', false)).first().innerText();
  assert.ok(bare(paper.text).includes(bare(places)), places);
}, () => Server.demo());

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
  await tunesInBothLanguages(rose);
  await rose.button('Rétablir les valeurs par défaut').click();
  await rose.page.getByRole('dialog').getByRole('button', { name: named('Rétablir') }).click();
  await rose.sees('Les valeurs par défaut sont rétablies');
  assert.equal(await near(rose).inputValue(), '15');
});

/** Numbers as each language writes them, by keyboard; what is wrong is said in words, where it is. */
async function tunesInBothLanguages(rose) {
  const weight = (name) => rose.page.getByRole('spinbutton', { name: named(name) });
  const french = weight('Tranche 2 : compte pour');
  assert.match(await french.inputValue(), /^0,\d+$/, 'a decimal comma is shown');
  for (const [typed, shown] of [['0,35', '0,35'], ['0.3', '0,3']]) {
    await french.fill(typed);
    await french.blur();
    assert.equal(await french.inputValue(), shown);
  }
  await french.press('ArrowUp');
  assert.equal(await french.inputValue(), '0,31');
  assert.equal(await french.getAttribute('aria-valuenow'), '0.31');
  for (const [typed, said] of [['beaucoup', '« beaucoup » n’est pas un nombre'], ['2', 'Un nombre de 0,001 à 1'], ['', 'Il manque un nombre']]) {
    await french.fill(typed);
    await french.blur();
    await rose.sees(said);
    assert.equal(await french.getAttribute('aria-invalid'), 'true');
    assert.match(plain(await described(french)), new RegExp(said, 'u'));
  }
  await french.fill('0,25');
  await french.press('Enter');
  await rose.sees('Les chiffres sont recalculés');
  await speaks(rose, 'English', '/reglages');
  const english = weight('Band 2: counts for');
  await english.waitFor();
  assert.equal(await english.inputValue(), '0.25');
  await english.fill('0,3');
  await english.blur();
  await rose.sees('“0,3” is not a number');
  await english.fill('0.3');
  await rose.page.getByRole('button', { name: 'Save and recount' }).click();
  await rose.sees('The figures are recounted');
  await speaks(rose, 'Français', '/reglages');
  await french.waitFor();
  assert.equal(await french.inputValue(), '0,3');
}

/** Chooses a language, and goes on at an address. */
async function speaks(person, language, path) {
  await person.page.goto(`${person.origin}/appareil`);
  const choice = person.page.getByRole('button', { name: named(language) });
  await choice.click();
  await person.page.locator(`html[lang="${language === 'English' ? 'en' : 'fr'}"]`).waitFor({ state: 'attached' });
  await person.page.goto(`${person.origin}${path}`);
}

/** What describes a field for who does not see it. */
function described(field) {
  return field.evaluate((input) => (input.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' '));
}

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
  await rose.page.getByLabel(named('Garder les chiffres d’aujourd’hui sous un nom')).fill('Par erreur');
  await rose.button('Garder ce point').click();
  await rose.button('Supprimer le point « Par erreur »').click();
  await rose.page.getByRole('dialog').getByRole('button', { name: named('Supprimer') }).click();
  await rose.sees('Le point est supprimé');
  assert.doesNotMatch(plain(await table.innerText()), /Par erreur/u);
  assert.match(plain(await table.innerText()), /Avant la collecte/u);
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
  const page = plain(await rose.page.getByRole('main').innerText());
  assert.match(page, /Sources : chiffres inventés pour montrer l’outil · l’annuaire/u);
  assert.doesNotMatch(page, /invented/u);
  await rose.page.goto(`${rose.origin}/bureau/actes`);
  await rose.sees('Rose a supprimé le point « Par erreur » de la progression');
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
