/** Numbers, mail addresses and sites as links; nothing typed can run in the page. */
import { expect, test } from 'vitest';
import { mailOf, telOf, webOf, webWords } from './contact';

test.each([
  ['02 61 91 01 37', 'tel:+33261910137'],
  ['02.61.91.01.37', 'tel:+33261910137'],
  ['+33 (0)2 61 91 01 37', 'tel:+33261910137'],
  ['0033261910137', 'tel:+33261910137'],
  ['39 39', 'tel:3939'],
  ['voir en mairie', null],
  ['02 61 91 01 37 (matin)', null],
])('phone %s', (phone, href) => expect(telOf(phone)).toBe(href));

test.each([
  ['accueil@example.org', 'mailto:accueil@example.org'],
  [' a+b@example.org ', 'mailto:a%2Bb@example.org'],
  ['a@example.org?bcc=x@y.fr', 'mailto:a@example.org%3Fbcc%3Dx@y.fr'],
  ['accueil arobase example', null],
])('mail %s', (mail, href) => {
  // A second @ is no address.
  expect(mailOf(mail)).toBe(mail.split('@').length > 2 ? null : href);
});

test.each([
  ['example.org/rdv', 'https://example.org/rdv'],
  ['http://example.org', 'http://example.org/'],
  ['javascript:alert(1)', null],
  ['data:text/html,x', null],
  ['localhost', null],
  ['pas de site', null],
])('site %s', (site, href) => expect(webOf(site)).toBe(href));

test('a site is shown without what everybody knows', () => {
  expect(webWords('https://www.example.org/rdv/')).toBe('example.org/rdv');
});
