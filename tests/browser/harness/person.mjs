// A person with a browser: what they do and what they see, in the words of the pages. Everything is found as people
// find it, by its role and its name. Blanks in names are any blank: French sets narrow ones that do not break.

import { Browser } from './browser.mjs';
import { DEADLINE, until } from './until.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {'Annuaire' | 'Ajouter' | 'Portrait' | 'Bureau'} Place */

/** A name as it stands on the page, whatever blanks it has. */
export function named(text, exact = true) {
  const words = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  return new RegExp(exact ? `^\\s*${words}\\s*$` : words, 'u');
}

export class Person {
  /**
   * @param {string} name
   * @param {Browser} browser
   */
  constructor(name, browser) {
    this.name = name;
    this.browser = browser;
    /** @type {Page} */
    this.page = browser.context.pages()[0];
  }

  /**
   * Somebody with a browser of their own, at the door.
   *
   * @param {string} name
   * @param {() => string} target
   * @param {import('./browser.mjs').Wishes} [wishes]
   */
  static async arrives(name, target, wishes) {
    return new Person(name, await Browser.start(target, wishes));
  }

  get origin() {
    return this.browser.line.origin;
  }

  // Coming in, and going about.

  /** Opens an invitation's link, at the address this browser reaches the server by. @param {string} link */
  async opens(link) {
    await this.page.goto(`${this.origin}/join#${link.split('#').at(-1)}`);
  }

  /** Answers « Comment vous appelez-vous ? ». */
  async names(name = this.name) {
    await this.page.getByLabel(named('Comment vous appelez-vous ?')).fill(name);
    await this.page.getByRole('button', { name: named('Entrer') }).click();
  }

  /** Comes in by a link, and waits until the directory is there. @param {string} link */
  async comesIn(link) {
    await this.opens(link);
    await this.names();
    await this.seesSafe();
  }

  /** @param {Place} place */
  async goesTo(place) {
    const places = this.page.getByRole('navigation', { name: named('Les pages') });
    // What waits for a decision is counted beside the Bureau's name.
    await places.getByRole('link', { name: named(place, false) }).click();
  }

  /** The page of this device, behind the chip. */
  async goesToDevice() {
    await this.chip.click();
    await this.page.getByRole('heading', { level: 1, name: named('Cet appareil') }).waitFor();
  }

  async reloads() {
    await this.page.reload();
  }

  /** Opens a second window, from then on the one the person works in; gives the first. */
  async opensAnotherTab(path = '/annuaire') {
    const first = this.page;
    this.page = await this.browser.context.newPage();
    await this.page.goto(`${this.origin}${path}`);
    return first;
  }

  /** Closes the browser and opens it again at an address. */
  async comesBack(path = '/annuaire') {
    await this.browser.again();
    this.page = this.browser.context.pages()[0];
    await this.page.goto(`${this.origin}${path}`);
  }

  goesOffline() {
    this.browser.line.offline();
  }

  comesOnline() {
    this.browser.line.online();
  }

  // The directory and its records.

  /** The link of a place in the directory. */
  entry(structure) {
    return this.page.getByRole('main').getByRole('link', { name: named(structure, false) }).first();
  }

  /** Opens a record from the directory. */
  async looksAt(structure) {
    if (await this.heading(structure).isVisible()) return;
    await this.goesTo('Annuaire');
    await this.page.getByRole('searchbox').first().fill(structure);
    await this.entry(structure).click();
    await this.heading(structure).waitFor();
  }

  /** The record's own heading. */
  heading(structure) {
    return this.page.getByRole('main').getByRole('heading', { name: named(structure) }).first();
  }

  /**
   * Adds a place by its three answers.
   *
   * @param {string} name
   * @param {{ commune?: string, family?: string }} [answers]
   */
  async adds(name, { commune = 'Médréac', family = 'Être aidé·e' } = {}) {
    await this.goesTo('Ajouter');
    await this.page.getByLabel(named('Comment s’appelle ce lieu ?')).fill(name);
    const box = this.page.getByRole('combobox', { name: named('Dans quelle commune ?') });
    await box.fill(commune);
    await this.page.getByRole('option', { name: named(commune) }).click();
    await this.page.getByRole('checkbox', { name: named(family, false) }).check();
    await this.button('Ajouter ce lieu').click();
    await this.heading(name).waitFor();
  }

  /**
   * Writes a field of a record, as it is written on the page.
   *
   * @param {string} structure
   * @param {string} field its label: « Téléphone »
   * @param {string} value
   */
  async sets(structure, field, value) {
    await this.looksAt(structure);
    await (await this.opensField(field)).fill(value);
    await this.button(`Terminé : ${field}`).click();
    // Addresses are shown without what every address has.
    await this.sees(value.replace(/^https?:\/\/|\/$/g, ''));
  }

  /** Opens a field for writing, whether something stands in it or not; gives its box. */
  async opensField(field) {
    const box = this.page.getByRole('textbox', { name: named(field, false) });
    const open = this.button(`Modifier ${field}`).or(this.button(OFFERS[field] ?? `Ajouter ${field}`)).first();
    await open.click();
    return box;
  }

  /** What the record shows of all its fields, as text. */
  async reads(structure) {
    await this.looksAt(structure);
    return plain(await this.page.getByRole('main').innerText());
  }

  // What is seen.

  button(name) {
    return this.page.getByRole('button', { name: named(name) });
  }

  /** Waits until a text stands on the page. */
  async sees(text, deadline = DEADLINE) {
    await this.page.getByText(named(text, false)).filter({ visible: true }).first().waitFor({ timeout: deadline });
  }

  /** The chip at the top: what is safe and what is not. */
  get chip() {
    return this.page.getByRole('banner').getByRole('link').last();
  }

  async chipSays() {
    return plain(await this.chip.innerText());
  }

  /** Waits until the chip says something. @param {RegExp} words */
  async seesChip(words) {
    await until(`${this.name} is told ${words}`, async () => {
      const said = await this.chipSays();
      return words.test(said) ? true : Promise.reject(new Error(`the chip says « ${said} »`));
    });
  }

  /** Waits until everything is on the server's disk. */
  async seesSafe() {
    await this.seesChip(/^Tout est enregistré$/);
  }
}

/** How an empty field is offered. */
const OFFERS = {
  Téléphone: 'Ajouter un téléphone',
  'Site web': 'Ajouter un site web',
  Adresse: 'Ajouter une adresse',
  'Code postal': 'Ajouter un code postal',
  'En bref': 'Ajouter une phrase en bref',
  Description: 'Ajouter une description',
  Notes: 'Ajouter une note',
  'Type de lieu': 'Ajouter le type de lieu',
};

/** Text with plain blanks. */
export function plain(text) {
  return text.replace(/\s+/gu, ' ').trim();
}
