// The harness itself: a watch that cannot fail watches nothing.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { Browser } from '../harness/browser.mjs';
import { Front, nothingKept, wrongClock } from '../harness/front.mjs';
import { until } from '../harness/until.mjs';

const PAGE = '<!doctype html><html lang="fr"><title>Page</title><script src="/page.js"></script><h1>Une page</h1></html>';
const SHARED = `onconnect = ({ ports: [port] }) => port.postMessage(new Date().getFullYear());
  fetch('https://from-a-shared-worker.example.org/').catch(() => {});`;
const DEDICATED = `let said; try { indexedDB.open('x'); said = 'kept'; } catch (error) { said = error.name; } postMessage(said);`;
const SERVICE = `fetch('https://from-a-service-worker.example.org/').catch(() => {});`;

/** A site of a few scripts. */
async function site() {
  const scripts = { '/page.js': '', '/shared.js': SHARED, '/dedicated.js': DEDICATED, '/service.js': SERVICE };
  const server = createServer((request, response) => {
    const script = scripts[request.url];
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script ?? PAGE);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const address = () => `127.0.0.1:${port}`;
  const close = () => (server.closeAllConnections(), server.close());
  return { address, close };
}

// Goal: whoever asks another host is seen, from wherever. Method: a site whose page and workers all do.
test('whoever leaves for another host is seen', { timeout: 60_000 }, async () => {
  const { address, close } = await site();
  const browser = await Browser.start(address);
  try {
    const page = browser.context.pages()[0];
    await page.goto(browser.line.origin);
    await page.evaluate(async () => {
      fetch('https://from-a-page.example.org/').catch(() => {});
      new SharedWorker('/shared.js');
      await navigator.serviceWorker.register('/service.js');
    });
    for (const who of ['a-page', 'a-shared-worker', 'a-service-worker']) {
      await until(`from ${who} is seen`, () => browser.problems.some((problem) => problem.includes(`from-${who}.`)));
    }
  } finally {
    await browser.close();
    close();
  }
});

// Goal: a cut line is cut, a mended one whole, a held one silent. Method: the same page over and over.
test('a line can be cut, held and mended', { timeout: 60_000 }, async () => {
  const { address, close } = await site();
  const browser = await Browser.start(address);
  try {
    const page = browser.context.pages()[0];
    const asks = () => page.evaluate(() => fetch('/page.js', { cache: 'no-store', signal: AbortSignal.timeout(1_000) }).then((answer) => answer.status, (error) => error.name));
    await page.goto(browser.line.origin);
    assert.equal(await asks(), 200);
    browser.line.offline();
    assert.equal(await asks(), 'TypeError');
    browser.line.online();
    assert.equal(await asks(), 200);
    browser.line.hold();
    assert.equal(await asks(), 'TimeoutError');
    browser.line.release();
    assert.equal(await asks(), 200);
  } finally {
    await browser.close();
    close();
  }
});

// Goal: a wrong clock and a refusing storage reach pages and workers. Method: what they say themselves.
test('what a front changes reaches workers', { timeout: 60_000 }, async () => {
  const { address, close } = await site();
  const clock = wrongClock(-20 * 31_557_600_000);
  const front = await Front.open(address, clock);
  const browser = await Browser.start(() => front.address);
  try {
    const page = browser.context.pages()[0];
    await page.goto(browser.line.origin);
    const year = new Date().getFullYear();
    const shared = await page.evaluate(() => new Promise((done) => (new SharedWorker('/shared.js').port.onmessage = ({ data }) => done(data))));
    assert.ok(shared < year - 18 && shared > year - 22, `${shared}`);
    assert.ok((await page.evaluate(() => new Date(Date.now()).getFullYear())) === shared);
    front.rewrite = nothingKept();
    const said = await page.evaluate(() => new Promise((done) => (new Worker('/dedicated.js').onmessage = ({ data }) => done(data))));
    assert.equal(said, 'SecurityError');
  } finally {
    await browser.close();
    await front.close();
    close();
  }
});
