import { expect, test } from 'vitest';
import { addressesOf } from './addresses';

test('addresses are taken as people paste them, each once', () => {
  expect(addressesOf(' amina@ici.example\nbruno@ici.example, amina@ici.example;\n\n')).toEqual({
    good: ['amina@ici.example', 'bruno@ici.example'],
    bad: [],
  });
  expect(addressesOf('amina@ici.example bruno@ici <c@d.example>')).toEqual({
    good: ['amina@ici.example'],
    bad: ['bruno@ici', '<c@d.example>'],
  });
  expect(addressesOf('  ')).toEqual({ good: [], bad: [] });
});
