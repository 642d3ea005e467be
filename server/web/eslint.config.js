// Rules of the face. The layers first: ui → state → sync → domain, never back.
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

/** What a layer may not import, and why. */
function never(files, layers) {
  const patterns = layers.map((layer) => ({
    regex: `^(\\.\\./)+${layer}(/|$)`,
    message: `Layers point down only: ui → state → sync → domain. This file may not import ${layer}/.`,
  }));
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/domain/generated'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Addresses are our own, built in one place (domain/route.ts).
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  never(['src/domain/**'], ['sync', 'state', 'ui']),
  never(['src/sync/**'], ['state', 'ui']),
  never(['src/state/**'], ['ui']),
  // Only the worker's side may load automerge: a page that does would load a megabyte before it shows a word.
  {
    files: ['src/ui/**', 'src/state/**', 'src/sync/client.ts', 'src/sync/api.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@automerge/*'], message: 'Only the worker loads automerge (sync/engine.ts).' }] },
      ],
    },
  },
);
