import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { shell } from './build/shell.ts';

// The server the development page talks to.
const server = process.env['PORTREA_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/',
  plugins: [svelte(), shell()],
  // Shared and dedicated workers are modules: one engine, loaded like the page.
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // Fonts and icons stay files: the policy allows no data: for them, and they are cached apart.
    assetsInlineLimit: 0,
    // The server's size budget counts what is loaded first; a warning by file says nothing more.
    chunkSizeWarningLimit: 1024,
    modulePreload: { polyfill: false },
  },
  // The server takes no request from another origin: here the proxy speaks for the page.
  server: {
    proxy: {
      '/api': { target: server, changeOrigin: true, headers: { origin: server } },
      '/sync': { target: server, ws: true, changeOrigin: true, headers: { origin: server } },
    },
  },
  test: { include: ['src/**/*.test.ts', 'build/**/*.test.ts'], environment: 'node', restoreMocks: true },
});
