import bilevel from 'bilevel/vite';
import { defineConfig } from 'vite';

// With these a page may share memory between threads, and a large problem is solved on all cores. Without them it is solved on one.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  plugins: [bilevel()],
  worker: { format: 'es', plugins: () => [bilevel()] },
  // The pages and their data stand in the folders beside this one.
  server: { headers, fs: { allow: ['..'] } },
  preview: { headers },
});
