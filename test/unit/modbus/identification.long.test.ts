import { expect, test } from 'vitest';
import { mutateIdentifications } from '../../support/identification-mutations.ts';

test('a million mutated answers: nothing throws, all end, and every fact is text of the answers', async () => {
  expect(await mutateIdentifications(1_000_000, 43)).toEqual({ wrong: [], unbounded: 0 });
}, 120_000);
