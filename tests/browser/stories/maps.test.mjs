// Maps come and go with their pages.

import { story } from '../harness/story.mjs';

// Goal: whoever leaves a page before its map was drawn hurts nothing. Method: go on in the very moment in which the
// contours are on the map and their picture is not yet painted; an error in a page fails the story.
story('a map that is left before it is drawn leaves nothing behind', async ({ comes }) => {
  const amina = await comes('Amina');
  await amina.goesTo('Annuaire');
  await amina.page.locator('.leaflet-container canvas').first().waitFor({ state: 'attached' });
  await amina.goesTo('Ajouter');
  await amina.button('Ajouter ce lieu').waitFor();
  const left = await amina.page.evaluate(
    () =>
      new Promise((done) => {
        const link = (/** @type {string} */ name) =>
          /** @type {HTMLElement} */ ([...document.querySelectorAll('nav a')].find((a) => a.textContent?.includes(name)));
        let frames = 0;
        new MutationObserver((_, observer) => {
          if (!document.querySelector('.leaflet-container canvas')) return;
          observer.disconnect();
          link('Ajouter').click();
          const wait = () => (++frames < 5 ? requestAnimationFrame(wait) : done(document.querySelector('.leaflet-container canvas') === null));
          requestAnimationFrame(wait);
        }).observe(document.body, { childList: true, subtree: true });
        link('Annuaire').click();
      }),
  );
  if (!left) throw new Error('the map is still there');
});
