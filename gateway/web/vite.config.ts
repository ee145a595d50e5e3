import { defineConfig } from 'vite';

export default defineConfig({
  base: '/',
  build: { target: 'es2022', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 },
  server: { proxy: { '/api': 'http://127.0.0.1:8112' } },
});
