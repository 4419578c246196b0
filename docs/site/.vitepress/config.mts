import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defineConfig } from 'vitepress';

const find = createRequire(import.meta.url).resolve;

const page = (text: string, link: string) => ({ text, link });
const packages = ['resift', 'reranker', 'models', 'models-en', 'retrieval', 'rag', 'eval', 'core'];
// Written by `npm run api` before the build.
const api = existsSync(new URL('../../api/index.md', import.meta.url)) ? [page('API', '/docs/api/')] : [];

/** The site is the repository's own Markdown: the same files and links that one reads there. */
export default defineConfig({
  title: 'resift',
  description: 'The second stage of retrieval for TypeScript.',
  srcDir: '../..',
  srcExclude: [
    '**/node_modules/**',
    '**/dist/**',
    'data/**',
    'evals/.runs/**',
    'packages/models-en/training/**',
    '**/CONTRACT.md',
    '.*/**',
    '**/.*/**',
    'test/**',
  ],
  outDir: './dist',
  cacheDir: './.cache',
  cleanUrls: false,
  // The pages lie above this folder, from where Vue cannot be found.
  vite: {
    resolve: {
      alias: [
        { find: /^vue$/, replacement: find('vue/dist/vue.runtime.esm-bundler.js') },
        { find: /^vue\/server-renderer$/, replacement: find('vue/server-renderer') },
      ],
    },
  },
  rewrites: { 'README.md': 'index.md' },
  // A link that leads nowhere fails the build; folders and files that are no pages are read in the repository.
  ignoreDeadLinks: [/^https?:\/\/localhost/, /^(?!.*\.(md|html)$).*\/(training|cards|LICENSE|golden|CONTRACT)\b/],
  markdown: { theme: { light: 'github-light', dark: 'github-dark' } },
  themeConfig: {
    search: { provider: 'local' },
    nav: [page('Getting started', '/docs/getting-started'), page('Choosing', '/docs/choosing-a-reranker'), ...api],
    sidebar: [
      {
        text: 'Start',
        items: [
          page('Getting started', '/docs/getting-started'),
          page('Concepts', '/docs/concepts'),
          page('Choosing a reranker', '/docs/choosing-a-reranker'),
          page('The first five minutes', '/docs/first-five-minutes'),
        ],
      },
      {
        text: 'Recipes',
        items: [
          page('LangChain agent', '/docs/recipes/langchain-agent'),
          page('Next.js', '/docs/recipes/nextjs'),
          page('Ollama', '/docs/recipes/ollama'),
          page('Cohere, local fallback', '/docs/recipes/cohere-with-local-fallback'),
          page('Distil your own', '/docs/recipes/distil-your-own'),
        ],
      },
      {
        text: 'Run it',
        items: [
          page('Command line', '/docs/command-line'),
          page('Configuration', '/docs/configuration'),
          page('Operations', '/docs/operations'),
          page('Scaling', '/docs/scaling'),
          page('Benchmarks', '/docs/benchmarks'),
          page('HTTP API', '/apps/api/README'),
        ],
      },
      { text: 'Packages', items: [...packages.map((name) => page(name, `/packages/${name}/README`)), ...api] },
      {
        text: 'Inside',
        items: [page('Architecture', '/docs/architecture'), page('Status', '/docs/status'), page('Evaluation', '/evals/README')],
      },
    ],
  },
});
