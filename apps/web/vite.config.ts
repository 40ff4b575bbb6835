import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where the hub listens while the app is worked on: `vite` hands `/api` on to it. */
const HUB = process.env['ROOTCELLAR_HUB'] ?? 'http://127.0.0.1:7440';

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['source', 'module', 'browser', 'production', 'import', 'default'] },
  server: { proxy: { '/api': { target: HUB, changeOrigin: true } } },
  build: { target: 'es2023', reportCompressedSize: false, assetsInlineLimit: 0 },
});
