import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { fillPages } from './html.ts'
import { owner } from './owner.ts'

const page = (name: string) => new URL(`${name}.html`, import.meta.url).pathname

export default defineConfig({
  define: { __OWNER__: JSON.stringify(owner) },
  plugins: [fillPages(), svelte()],
  build: {
    target: 'es2022',
    // The content security policy allows neither data: addresses nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false }, input: ['index', 'myinps', 'cassetto', 'advisor', 'supervisor', 'officer'].map(page) },
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
})
