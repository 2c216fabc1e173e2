import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { EXEC_ARGV } from './compiled-once.ts';

const SLOWEST_FIRST = ['/test/e2e/', '/test/peers/', ''];

/** What waits for processes and far ends begins first, so that at the end no core waits for one of them. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  return SLOWEST_FIRST.findIndex((folder) => moduleId.includes(folder));
}

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/{unit,contract,peers,e2e}/**/*.test.ts'],
    exclude: ['**/*.long.test.ts'],
    pool: 'forks',
    execArgv: EXEC_ARGV,
    maxWorkers: 3, // for two cores: at any time one of them waits for a far end
    isolate: false, // a process for each file costs more than most files do, and no test leaves anything behind
    sequence: { sequencer: SlowestFirst },
    // Only what hangs is to fail by time: a busy machine starts a daemon in half a minute.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 45_000 } }, // by default a second
  },
});
