// Somebody comes in with an account that a sign-in provider knows, on a phone.

import assert from 'node:assert/strict';
import { named } from '../harness/person.mjs';
import { Provider } from '../harness/provider.mjs';
import { wrong } from '../harness/states.mjs';
import { story } from '../harness/story.mjs';
import { until } from '../harness/until.mjs';

const PHONE = { width: 360, height: 740 };
const CONTINUE = 'Continuer avec ProConnect';

/** A person on a phone, at the door of a server that a provider sends people back to. */
async function stands(name, { server, arrives }) {
  const provider = await Provider.start();
  const person = await arrives(name, { viewport: PHONE, hosts: [provider.host] });
  await server.restartWith(provider.settings(person.origin));
  await provider.knows(person.origin);
  return { provider, person };
}

/** Signs in on the provider's own pages, and agrees to what it asks. */
async function signsIn({ page }, who) {
  await page.getByPlaceholder('Enter any login').fill(who);
  await page.getByPlaceholder('and password').fill('secret');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** The contributors that the server has, by name. */
async function contributors(server) {
  const { authors } = await server.read('/authors');
  return new Set(Object.values(authors).filter(({ name }) => name === 'Amina Benali').map(({ contributor }) => contributor));
}

// Goal: with an invitation somebody joins by their account, writes at once, leaves, and is the same person when they come
// back without a link. Method: the whole way, there and back, twice.
story('an account lets somebody in, and back in', async (scene) => {
  const { provider, person: amina } = await stands('Amina', scene);
  try {
    await provider.describes('amina', { name: 'Amina Benali' });
    await amina.opens(await scene.server.invite('contributor'));
    await amina.sees('il vous reconnaîtra ensuite sur tous vos appareils');
    await amina.button(CONTINUE).click();
    await signsIn(amina, 'amina');
    await amina.sees('Bonjour Amina Benali');
    await amina.button('J’ai compris').click();
    await amina.page.waitForURL((url) => url.pathname === '/annuaire');
    await amina.adds('Mairie de Muel');
    await amina.seesSafe();
    await amina.reloads();
    await amina.seesSafe();

    await amina.goesToDevice();
    await amina.button('Déconnecter cet appareil').click();
    await amina.button('Déconnecter').click();
    amina.browser.expects(/status of 401/);
    await amina.sees('Déjà venu·e avec votre compte ProConnect');
    await amina.button(CONTINUE).click();
    await amina.sees('Bonjour Amina Benali');
    await amina.button('J’ai compris').click();
    await amina.adds('Médiathèque de Médréac');
    await amina.seesSafe();
    assert.equal((await contributors(scene.server)).size, 1, 'one person');
  } finally {
    await provider.close();
  }
});

// Goal: whoever gives up at the provider, is not known, or finds it down, is told so in plain words, keeps their link, and
// comes in by it. Method: each, one after the other, with one link.
story('without the account the link still lets somebody in', async (scene) => {
  const { provider, person: bruno } = await stands('Bruno', scene);
  try {
    await provider.describes('bruno', { name: 'Bruno Le Goff' });
    const { page } = bruno;
    const found = [];
    await page.goto(`${bruno.origin}/join`);
    await bruno.button(CONTINUE).waitFor();
    found.push(...(await wrong(bruno, 'Bienvenue with a provider')));
    await bruno.button(CONTINUE).click();
    bruno.browser.expects(/status of 40[13]|status of 424/);
    await signsIn(bruno, 'bruno');
    await bruno.sees('Personne n’est encore entré ici avec ce compte');
    // The words may stand there a moment before the address does.
    await page.waitForURL((url) => url.pathname === '/join');
    found.push(...(await wrong(bruno, 'Bienvenue, unknown to the provider')));

    await bruno.opens(await scene.server.invite('contributor'));
    await bruno.page.reload();
    await bruno.button(CONTINUE).waitFor();
    await bruno.button(CONTINUE).focus();
    // Without the account's own session the provider asks again who they are; here they give up.
    await bruno.browser.context.clearCookies({ domain: 'localhost' });
    await page.keyboard.press('Enter');
    await page.getByPlaceholder('Enter any login').waitFor();
    await page.getByRole('link', { name: /cancel/i }).click();
    await bruno.sees('ou vous avez renoncé');
    await page.getByLabel(named('Comment vous appelez-vous ?')).waitFor();
    found.push(...(await wrong(bruno, 'Bienvenue with a provider and a link')));
    assert.deepEqual(found, []);

    await provider.close();
    await bruno.button(CONTINUE).click();
    // What is known of the provider is good for a while: the way leads to it, and back by the browser's own button.
    await until('the provider is not there', () => page.url().startsWith('chrome-error:') || page.url().includes(provider.host));
    bruno.browser.expects(/net::ERR_/);
    await page.goto(`${bruno.origin}/join`);
    await bruno.names();
    await bruno.seesSafe();
  } finally {
    await provider.close();
  }
});
