import { defineConfig } from 'vite';

export default defineConfig({
  base: '/',
  build: {
    target: 'es2022', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 2000, modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: 'index.html', keypad: 'keypad/index.html', worker: 'src/keypad/worker.ts' },
      // A service worker keeps its name, and its folder is what it may look after.
      output: { entryFileNames: (c) => (c.name === 'worker' ? 'keypad/worker.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8112' } },
});
