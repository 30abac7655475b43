import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** With `vite apps/web` the pages reload as they are edited; the gateway has to run beside it. */
const gateway = 'http://localhost:3000';

export default defineConfig({
  root: import.meta.dirname,
  base: '/demo/',
  plugins: [react()],
  // `#libs/*` stands for the sources only under this condition; without it the build would need dist first.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // A file inlined as data: would be refused by the page's content security policy, images aside.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { input: [join(import.meta.dirname, 'index.html'), join(import.meta.dirname, 'staff', 'index.html')] },
  },
  server: { proxy: { '/api': gateway, '/media': gateway, '/socket.io': { target: gateway, ws: true } } },
});
