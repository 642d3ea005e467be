// Links by mail, from the Bureau: a letter brings somebody in; one that could not be sent leaves its link.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { named } from '../harness/person.mjs';
import { ROOT } from '../harness/programs.mjs';
import { wrong } from '../harness/states.mjs';
import { Server } from '../harness/server.mjs';
import { story } from '../harness/story.mjs';
import { within } from '../harness/until.mjs';

/** A mail server that does not know one address; what it is given can be asked for. */
async function post() {
  const wishes = JSON.stringify({ refuse: ['personne@ici.example'] });
  const child = spawn('node', ['main.mjs', wishes], { cwd: join(ROOT, 'tests/mail'), stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await within('the mail server speaks', lines.next())).value);
  const { port } = await next();
  return { url: `smtp://127.0.0.1:${port}`, next, close: () => void child.kill() };
}

const mail = await post();
const environment = { PORTREA_MAIL_URL: mail.url, PORTREA_MAIL_FROM: 'portrea@pays.example' };

// Goal: a référent·e sends links to some addresses, sees which went, and gives the other link by hand; a letter brings its reader
// in. Method: an address that is none, then one that the mail server does not know beside one that it does.
story('links go by mail', async ({ comes, arrives }) => {
  try {
    const rose = await comes('Rose', 'referent');
    await rose.goesTo('Bureau');
    await rose.page.getByRole('link', { name: named('Invitations') }).click();
    await rose.page.getByRole('radio', { name: named('Envoyer par courriel', false) }).check();
    const box = rose.page.getByLabel(named('Adresses électroniques'));
    await box.fill('amina@ici.example\npersonne@ici');
    await rose.button('Envoyer l’invitation').click();
    await rose.sees('Ce n’est pas une adresse : personne@ici.');
    assert.deepEqual(await wrong(rose, 'Bureau, a wrong address'), []);
    await box.fill('amina@ici.example\npersonne@ici.example');
    await rose.button('Envoyer 2 invitations').click();
    await rose.sees('1 invitation n’est pas partie');
    await rose.sees('remis au serveur de courriel');
    assert.deepEqual(await wrong(rose, 'Bureau, a letter that was not sent'), []);
    const letter = await mail.next();
    assert.deepEqual(letter.envelope.to, ['amina@ici.example']);
    const link = letter.text.split('\n').find((line) => line.includes('/join#'));

    const amina = await arrives('Amina');
    await amina.comesIn(link);
    await rose.button('Retirer le lien de personne@ici.example').click();
    await rose.sees('Ce lien est retiré.');
    await rose.button('C’est fait, fermer').click();
    await rose.page.getByRole('link', { name: named('Actes') }).click();
    await rose.sees('Rose a envoyé des liens par courriel (1)');
    // The mail server goes: nothing is made, and what was typed stays.
    mail.close();
    await rose.page.getByRole('link', { name: named('Invitations') }).click();
    await rose.page.getByRole('radio', { name: named('Envoyer par courriel', false) }).check();
    await box.fill('bruno@ici.example');
    rose.browser.expects(/424/);
    await rose.button('Envoyer l’invitation').click();
    await rose.sees('Aucun lien n’a été créé, et vos adresses sont encore ici.');
    assert.equal(await box.inputValue(), 'bruno@ici.example');
  } finally {
    mail.close();
  }
}, () => Server.start(environment));
