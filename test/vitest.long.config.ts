import { defineConfig } from 'vitest/config';
import { EXEC_ARGV } from './compiled-once.ts';

// The long ones: fire, soak, fuzz. One at a time, since each fills the machine by itself.
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.long.test.ts'],
    pool: 'forks',
    execArgv: EXEC_ARGV,
    maxWorkers: 1,
    testTimeout: 15 * 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
