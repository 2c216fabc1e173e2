import { defineConfig } from 'vitest/config';

// Whatever a test starts, workers and threads too, finds its modules compiled: half of what they cost is stripping types.
process.env['NODE_COMPILE_CACHE'] ??= new URL('../node_modules/.cache/weir', import.meta.url).pathname;

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/{unit,contract,peers,e2e}/**/*.test.ts'],
    exclude: ['**/*.long.test.ts'],
    pool: 'forks',
    maxWorkers: 3, // of which one waits for a far end at any time, on two cores
    isolate: false, // a process for each file costs more than most files do, and no test leaves anything behind
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
