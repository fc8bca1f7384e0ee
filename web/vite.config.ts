import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { fillPages } from './html.ts'
import { owner } from './owner.ts'
import { pickSentences } from './sentences.ts'
import { pickStyles } from './styles.ts'

const page = (name: string) => new URL(`${name}.html`, import.meta.url).pathname

/** The pages of staff are built by themselves (--mode staff): what only they need of Svelte would else go to citizens, too. */
const pages = {
  production: ['index', 'myinps', 'cassetto'],
  staff: ['advisor', 'supervisor', 'officer'],
}

export default defineConfig(({ mode }) => ({
  define: { __OWNER__: JSON.stringify(owner) },
  plugins: [fillPages(), pickSentences(), pickStyles(), svelte()],
  build: {
    target: 'es2022',
    // The content security policy allows neither data: addresses nor inline scripts.
    assetsInlineLimit: 0,
    emptyOutDir: mode !== 'staff',
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false }, input: pages[mode === 'staff' ? mode : 'production'].map(page) },
  },
  css: {
    preprocessorOptions: {
      scss: {
        loadPaths: [new URL('node_modules/bootstrap-italia/src/scss', import.meta.url).pathname],
        quietDeps: true,
        silenceDeprecations: ['import', 'global-builtin', 'color-functions'],
      },
    },
  },
  test: { include: ['src/**/*.test.ts', 'sdk/test/**/*.test.ts'] },
}))
