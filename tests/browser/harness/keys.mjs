// Going by keyboard alone: Tab until a control has the focus, and the keys that people press there. Nothing here
// clicks, fills or focuses.

import assert from 'node:assert/strict';

/** More controls than any page has on one way round. */
const STEPS_MAX = 150;

export class Keys {
  /** @param {import('./person.mjs').Person} person */
  constructor(person) {
    this.person = person;
  }

  get keyboard() {
    return this.person.page.keyboard;
  }

  /**
   * Presses Tab until this control has the focus, and makes sure that the focus can be seen.
   *
   * @param {import('playwright-core').Locator} control
   * @param {'Tab' | 'Shift+Tab'} [key]
   */
  async reaches(control, key = 'Tab') {
    await control.first().waitFor();
    for (let step = 0; step < STEPS_MAX; step += 1) {
      if (await hasFocus(control)) return this.#isSeen(control);
      await this.keyboard.press(key);
    }
    const where = await this.person.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
    throw new Error(`${control}: not reached in ${STEPS_MAX} steps; the focus is at ${where}`);
  }

  /** Reaches a control and presses a key there: Enter on links and buttons, Space on boxes. */
  async presses(control, key = 'Enter') {
    await this.reaches(control);
    await this.keyboard.press(key);
  }

  /** Reaches a box and types into it, in place of what stands there. */
  async types(box, text) {
    await this.reaches(box);
    await this.keyboard.press('Control+A');
    await this.keyboard.type(text);
  }

  /** A focus that nobody sees is none. */
  async #isSeen(control) {
    const seen = await control.first().evaluate((element) => {
      const shown = (one) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
      };
      // Some controls show it on the chip or the card that they belong to.
      const around = [element, element.nextElementSibling, element.parentElement, element.closest('article, label, li')];
      return around.some((one) => one !== null && shown(one));
    });
    assert.ok(seen, `${control}: its focus can be seen`);
  }
}

async function hasFocus(control) {
  const all = await control.all();
  for (const one of all) if (await one.evaluate((element) => element === document.activeElement)) return true;
  return false;
}
