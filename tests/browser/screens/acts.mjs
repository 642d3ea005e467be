// The acts that are drawn: who does what until a place is in the state that a picture shows.

import { nothingKept } from '../harness/front.mjs';
import { named } from '../harness/person.mjs';

const PLACE = 'Médiathèque L’Encre claire';
const TOKEN = 'mX3fQ-8vZrT1kLw0PjYb5sNcGd7Ae2Uh_oiRtEx9V4K';

/** @typedef {ReturnType<typeof import('./stage.mjs').Stage.prototype.arrives> extends Promise<infer P> ? P : never} Person */

/** @type {{ name: string, set?: 'empty' | 'département' | 'région', real?: boolean, play: (stage: import('./stage.mjs').Stage, draw: (person: any, name: string, extra?: any) => Promise<void>) => Promise<void> }[]} */
export const acts = [
  {
    name: 'bienvenue',
    async play(stage, draw) {
      const amina = await stage.arrives('Amina');
      await amina.page.goto(`${amina.origin}/`);
      await amina.page.getByRole('heading', { level: 1 }).waitFor();
      await draw(amina, 'bienvenue-sans-lien');
      await amina.opens(stage.link('contributor'));
      await amina.page.getByLabel(named('Comment vous appelez-vous ?')).waitFor();
      await draw(amina, 'bienvenue', { night: true, zoom: true });
      await amina.opens('#0000000000000000');
      await amina.names();
      await amina.page.getByRole('alert').waitFor();
      await draw(amina, 'bienvenue-erreur');
      await amina.comesIn(stage.link('contributor'));
      await draw(amina, 'bienvenue-entree');
    },
  },
  {
    name: 'annuaire',
    async play(stage, draw) {
      const amina = await stage.comes('Amina', 'contributor');
      await amina.sees('39 lieux');
      await amina.button('J’ai compris').click();
      await draw(amina, 'annuaire', { night: true, zoom: true });
      await amina.page.getByRole('searchbox').fill('montauban');
      await amina.sees(PLACE);
      await draw(amina, 'annuaire-recherche');
      await amina.page.getByRole('searchbox').fill('piscine');
      await draw(amina, 'annuaire-rien');
      await amina.page.getByRole('searchbox').fill('');
      await amina.page.setViewportSize({ width: 360, height: 740 });
      await amina.button('Carte').click();
      await draw(amina, 'annuaire-carte', { night: true });
    },
  },
  {
    name: 'fiche',
    async play(stage, draw) {
      const [amina, bruno] = [await stage.comes('Amina', 'contributor'), await stage.comes('Bruno', 'contributor')];
      await amina.looksAt(PLACE);
      await draw(amina, 'fiche', { night: true, zoom: true });
      await amina.opensField('Téléphone');
      await draw(amina, 'fiche-ecriture', { top: false });
      await amina.page.keyboard.press('Escape');
      amina.goesOffline();
      await amina.seesChip(/^Hors ligne/);
      await amina.sets(PLACE, 'Téléphone', '02 61 91 00 70');
      await draw(amina, 'fiche-hors-ligne');
      await amina.goesToDevice();
      await amina.sees('Exporter dans un fichier');
      await draw(amina, 'appareil-attente', { night: true });
      await bruno.sets(PLACE, 'Téléphone', '02 61 91 00 71');
      await bruno.seesSafe();
      amina.comesOnline();
      await amina.seesSafe();
      await draw(amina, 'appareil');
      await amina.looksAt(PLACE);
      await amina.sees('Deux réponses pour Téléphone');
      await draw(amina, 'fiche-deux-reponses', { night: true });
      await amina.page.getByRole('main').locator('summary').getByText(named('Historique')).click();
      await amina.page.getByRole('button', { name: named('Revenir à cette valeur : Téléphone', false) }).first().click();
      await amina.button('Remettre').scrollIntoViewIfNeeded();
      await draw(amina, 'fiche-historique', { top: false });
    },
  },
  {
    name: 'ajouter',
    async play(stage, draw) {
      const amina = await stage.comes('Amina', 'contributor');
      await amina.goesTo('Ajouter');
      await amina.button('Ajouter ce lieu').waitFor();
      await draw(amina, 'ajouter', { night: true, zoom: true });
      await amina.page.getByLabel(named('Comment s’appelle ce lieu ?')).fill('mediatheque montauban');
      await amina.sees('Est-ce l’un de ceux-ci ?');
      await draw(amina, 'ajouter-ressemblances');
      await amina.adds('Tiers-lieu La Grange', { commune: 'Médréac' });
      await draw(amina, 'ajouter-fait');
    },
  },
  {
    name: 'portrait',
    async play(stage, draw) {
      const elise = await stage.comes('Élise', 'reader');
      await elise.goesTo('Portrait');
      await elise.page.getByRole('table').first().waitFor({ state: 'attached' });
      await draw(elise, 'portrait', { night: true, zoom: true });
      await elise.page.getByRole('heading', { level: 2 }).last().scrollIntoViewIfNeeded();
      await draw(elise, 'portrait-carte', { top: false });
      await elise.page.getByRole('table', { name: named('La progression', false) }).waitFor();
      await draw(elise, 'portrait-progression', { at: elise.page.getByRole('heading', { name: named('Progression') }) });
      await elise.page.goto(`${elise.origin}/portrait/35184`);
      await elise.page.getByRole('heading', { name: named('Montauban-de-Bretagne', false) }).first().waitFor();
      await draw(elise, 'portrait-commune');
      elise.goesOffline();
      await elise.seesChip(/^Hors ligne/);
      await elise.goesTo('Portrait');
      await elise.page.getByRole('table').first().waitFor({ state: 'attached' });
      await draw(elise, 'portrait-hors-ligne');
    },
  },
  {
    name: 'permanences',
    async play(stage, draw) {
      const rose = await stage.comes('Rose', 'referent');
      await rose.goesTo('Portrait');
      await rose.page.getByRole('table', { name: named('Les communes, de la plus', false) }).waitFor();
      await rose.page.getByRole('heading', { name: named('Communes prioritaires') }).scrollIntoViewIfNeeded();
      await draw(rose, 'portrait-priorites', { top: false });
      await rose.page.goto(`${rose.origin}/permanences`);
      await rose.button('Chercher').waitFor();
      await draw(rose, 'permanences-question');
      await rose.page.getByRole('radio', { name: named('le moins de trajet en tout') }).check();
      await rose.button('Chercher').click();
      await rose.page.getByRole('table', { name: named('Avant et après') }).waitFor();
      await rose.page.getByLabel(named('Nom de ce choix')).fill('Trois demi-journées');
      await rose.button('Garder').click();
      await rose.page.getByRole('table', { name: named('Les choix gardés') }).waitFor();
      await draw(rose, 'permanences', { night: true });
    },
  },
  {
    name: 'reglages',
    async play(stage, draw) {
      const [rose, elise] = [await stage.comes('Rose', 'referent'), await stage.comes('Élise', 'reader')];
      for (const [person, name] of [[rose, 'reglages'], [elise, 'reglages-lecture']]) {
        await person.page.goto(`${person.origin}/reglages`);
        await person.page.getByRole('spinbutton', { name: named('Le temps le plus court') }).waitFor();
        await draw(person, name, { night: person === rose });
      }
      await rose.page.getByRole('spinbutton', { name: named('Le temps le plus court') }).fill('45');
      await rose.button('Enregistrer et recalculer').click();
      await rose.sees('Un réglage ne peut pas être pris');
      await draw(rose, 'reglages-erreur');
    },
  },
  {
    name: 'comparer',
    async play(stage, draw) {
      const elise = await stage.comes('Élise', 'reader');
      await elise.page.goto(`${elise.origin}/comparer`);
      await elise.sees('Aucun autre territoire');
      await draw(elise, 'comparer-seul');
      await stage.server.neighbour('Territoire voisin');
      await elise.reloads();
      await elise.sees('Territoire voisin');
      await draw(elise, 'comparer', { night: true });
    },
  },
  {
    name: 'bureau',
    async play(stage, draw) {
      const rose = await stage.comes('Rose', 'referent');
      const amina = await stage.comes('Amina', 'contributor');
      await amina.sets(PLACE, 'Téléphone', '02 61 91 00 70');
      await amina.adds('Tiers-lieu La Grange', { commune: 'Médréac' });
      await amina.seesSafe();
      await rose.goesTo('Bureau');
      await rose.sees('Tiers-lieu La Grange');
      await draw(rose, 'bureau', { night: true, zoom: true });
      await rose.page.getByRole('link', { name: named('Personnes et appareils') }).click();
      await rose.button('Changer le rôle de Amina').waitFor();
      await draw(rose, 'bureau-personnes', { night: true });
      await rose.button('Changer le rôle de Amina').click();
      await rose.page.getByRole('radio', { name: named('Élu·e ou technicien·ne', false) }).check();
      await draw(rose, 'bureau-role');
      await rose.button('Annuler').click();
      await rose.button('Retirer l’accès de Amina').click();
      await draw(rose, 'bureau-acces');
      await rose.button('Annuler').click();
      await rose.page.goto(`${rose.origin}/bureau/actes`);
      await rose.page.getByRole('listitem').filter({ hasText: 'a créé une invitation' }).first().waitFor();
      await draw(rose, 'bureau-actes', { night: true });
      // The link is drawn by chance, and its picture with it: a fixed one is shown in its place.
      await rose.page.route('**/invitations', async (route) => {
        if (route.request().method() !== 'POST') return route.fallback();
        const answer = await route.fetch();
        const made = await answer.json();
        await route.fulfill({ response: answer, json: { ...made, invitation: `https://portrea.example.org/join#${TOKEN}` } });
      });
      await rose.page.goto(`${rose.origin}/bureau/invitations`);
      await rose.page.getByRole('heading', { level: 1 }).waitFor();
      await rose.seesSafe();
      await draw(rose, 'bureau-invitations');
      await rose.page.getByRole('button', { name: named('Créer', false) }).first().click();
      await rose.page.getByRole('img').first().waitFor();
      await draw(rose, 'bureau-invitation', { night: true });
      rose.goesOffline();
      await rose.seesChip(/^Hors ligne/);
      await draw(rose, 'bureau-hors-ligne');
    },
  },
  {
    name: 'effacer',
    async play(stage, draw) {
      const [rose, amina] = [await stage.comes('Rose', 'referent'), await stage.comes('Amina', 'contributor')];
      await amina.adds('Tiers-lieu La Grange', { commune: 'Médréac' });
      await amina.seesSafe();
      await amina.looksAt('Tiers-lieu La Grange');
      amina.goesOffline();
      await amina.sets('Tiers-lieu La Grange', 'Téléphone', '02 61 91 00 70');
      await rose.looksAt('Tiers-lieu La Grange');
      await rose.button('Effacer pour toujours').click();
      const dialog = rose.page.getByRole('dialog');
      await draw(rose, 'effacer-quoi', { top: false });
      await dialog.getByRole('radio', { name: named('Toute la fiche') }).check();
      await dialog.getByRole('button', { name: named('Chercher ce qu’il y en a') }).click();
      await rose.sees('Le serveur en garde');
      await draw(rose, 'effacer-fiche', { night: true, top: false });
      await dialog.getByRole('checkbox').check();
      await dialog.getByRole('button', { name: named('Effacer pour toujours') }).click();
      await rose.sees('C’est effacé');
      await draw(rose, 'effacer-fait', { top: false });
      await dialog.getByRole('button', { name: named('Fermer') }).click();
      amina.comesOnline();
      await amina.sees('Quelque chose a été effacé de l’annuaire');
      await draw(amina, 'effacer-annonce');
      await amina.goesToDevice();
      await amina.sees('02 61 91 00 70');
      await draw(amina, 'laisse-de-cote', { night: true });
      await amina.button('Retirer cette liste').click();
      await amina.sees('Ces réponses n’existent plus que sur cet appareil.');
      await draw(amina, 'laisse-de-cote-retirer', { top: false });
      await rose.goesTo('Bureau');
      await rose.page.getByRole('link', { name: named('Personnes et appareils') }).click();
      await rose.button('Effacer ses données : Amina').click();
      await rose.sees('Le serveur en garde');
      await draw(rose, 'bureau-effacer', { top: false });
    },
  },
  {
    name: 'portes',
    async play(stage, draw) {
      // What a provider and a mail server would answer: neither is there, and the same is drawn each time.
      const answers = (person, address, make) =>
        person.page.route(address, async (route) => {
          const answer = await route.fetch();
          await route.fulfill({ response: answer, status: 200, json: make(await answer.json(), route.request()) });
        });
      const amina = await stage.arrives('Amina');
      await answers(amina, '**/api/v1/oidc', () => ({ provider: { name: 'ProConnect' } }));
      await amina.opens(stage.link('contributor'));
      await amina.button('Continuer avec ProConnect').waitFor();
      await draw(amina, 'bienvenue-compte', { night: true });
      await amina.page.goto(`${amina.origin}/connexion#over`);
      await amina.page.getByRole('alert').waitFor();
      await draw(amina, 'bienvenue-compte-erreur');
      await amina.page.goto(`${amina.origin}/`);
      await amina.button('Continuer avec ProConnect').waitFor();
      await draw(amina, 'bienvenue-compte-sans-lien');

      const rose = await stage.comes('Rose', 'referent');
      await answers(rose, /\/territories\/[^/]+$/, (territory) => ({ ...territory, mail: true }));
      await answers(rose, '**/contributors', (all) => [
        ...all,
        { ...all[0], contributor: '01917f3e-0000-7000-8000-000000000001', displayName: 'Bruno Le Goff', role: 'contributor', device: null, expiresAt: null, invitation: null, provider: 'ProConnect' },
      ]);
      await rose.page.goto(`${rose.origin}/bureau/personnes`);
      await rose.sees('Entre par ProConnect');
      await draw(rose, 'bureau-compte', { night: true });
      await rose.button('Retirer l’accès de Bruno Le Goff').click();
      await rose.sees('Son service de connexion');
      await draw(rose, 'bureau-compte-acces', { top: false });
      await rose.button('Annuler').click();

      await rose.page.goto(`${rose.origin}/bureau/invitations`);
      await rose.page.getByRole('radio', { name: named('Envoyer par courriel', false) }).check();
      await rose.page.getByLabel(named('Adresses électroniques')).fill('amina@pays.example\npersonne@pays.example');
      await draw(rose, 'bureau-courriel', { night: true });
      await rose.page.route('**/invitations', async (route) => {
        if (route.request().method() !== 'POST') return route.fallback();
        const letter = { id: '01917f3e-0000-7000-8000-000000000002', expiresAt: '2026-10-15T08:24:00Z', invitation: null, why: null, sent: true };
        const letters = [
          { ...letter, to: 'amina@pays.example' },
          { ...letter, to: 'personne@pays.example', sent: false, why: 'refused', invitation: `https://portrea.example.org/join#${TOKEN}` },
        ];
        await route.fulfill({ status: 201, json: { letters } });
      });
      await rose.button('Envoyer 2 invitations').click();
      await rose.sees('1 invitation n’est pas partie');
      await draw(rose, 'bureau-courriel-parti', { night: true });
    },
  },
  {
    name: 'vide',
    set: 'empty',
    async play(stage, draw) {
      const rose = await stage.comes('Rose', 'referent');
      await rose.button('J’ai compris').click();
      await draw(rose, 'vide-annuaire');
      await rose.goesTo('Portrait');
      await rose.page.getByRole('table').first().waitFor({ state: 'attached' });
      await draw(rose, 'vide-portrait');
      await rose.goesTo('Bureau');
      await rose.sees('En direct');
      await draw(rose, 'vide-bureau');
    },
  },
  {
    name: 'appareil',
    async play(stage, draw) {
      const cleo = await stage.guards('Cléo', 'contributor', nothingKept());
      await draw(cleo, 'appareil-rien-n-est-garde');
    },
  },
  ...[['département', 'Ille-et-Vilaine', '35238'], ['région', 'Bretagne', '29232']].map(([set, territory, code]) => ({
    name: `${set} (${territory})`,
    set,
    real: true,
    async play(stage, draw) {
      const elise = await stage.comes('Élise', 'reader');
      const begun = performance.now();
      const past = (what) => process.stdout.write(`  ${what} after ${Math.round(performance.now() - begun)} ms\n`);
      await elise.goesTo('Portrait');
      await elise.page.getByRole('table').first().waitFor({ state: 'attached' });
      past('the portrait');
      await elise.page.getByRole('listbox').getByRole('option').first().waitFor({ timeout: 60_000 });
      past('the map');
      await elise.page.getByRole('table', { name: named('Les communes, de la plus', false) }).waitFor({ timeout: 60_000 });
      past('the ranking');
      await draw(elise, `${set}-portrait`);
      for (const [heading, name] of [['Commune par commune', 'carte'], ['Communes prioritaires', 'priorites'], ['Progression', 'progression']]) {
        await draw(elise, `${set}-${name}`, { at: elise.page.getByRole('heading', { name: named(heading) }) });
      }
      const choosing = performance.now();
      await elise.page.getByLabel(named('Chiffre à comparer')).selectOption('gap.assist');
      await elise.page.getByText(named('Personnes au-delà de l’offre : Être aidé·e')).nth(1).waitFor();
      process.stdout.write(`  another figure in ${Math.round(performance.now() - choosing)} ms\n`);
      await draw(elise, `${set}-carte-ecart`, { at: elise.page.getByRole('heading', { name: named('Commune par commune') }) });
      await elise.page.goto(`${elise.origin}/portrait/${code}`);
      await elise.page.getByRole('heading', { level: 1 }).waitFor();
      await draw(elise, `${set}-commune`);
      await elise.page.goto(`${elise.origin}/permanences`);
      await elise.button('Chercher').click();
      await elise.page.getByRole('heading', { name: named('Le meilleur choix') }).waitFor({ timeout: 60_000 });
      await draw(elise, `${set}-permanences`);
    },
  })),
];
