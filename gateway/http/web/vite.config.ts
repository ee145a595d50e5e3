import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

// packed lays a compressed copy beside every text of the built page, so that the
// gateway compresses nothing while it serves, and keeps the file that holds the
// folder in git.
function packed(): Plugin {
  let out = '';
  return {
    name: 'packed',
    apply: 'build',
    configResolved(c) { out = join(c.root, c.build.outDir); },
    closeBundle() {
      for (const name of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|json|html|svg)$/.test(name)) continue;
        writeFileSync(join(out, `${name}.gz`), gzipSync(readFileSync(join(out, name)), { level: constants.Z_BEST_COMPRESSION }));
      }
      writeFileSync(join(out, '.gitkeep'), '');
    },
  };
}

export default defineConfig({
  base: '/',
  resolve: { alias: { fflate: join(import.meta.dirname, 'src/map/inflate.ts') } },
  plugins: [packed()],
  build: {
    target: 'es2022', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 2000, modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: 'index.html', keypad: 'keypad/index.html', replay: 'replay/index.html', analysis: 'analysis/index.html', worker: 'src/keypad/worker.ts' },
      // A service worker keeps its name, and its folder is what it may look after.
      output: { entryFileNames: (c) => (c.name === 'worker' ? 'keypad/worker.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8112' } },
});
