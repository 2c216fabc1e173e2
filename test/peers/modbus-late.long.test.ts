import { test } from 'vitest';
import { readBetween } from '../support/late-answers.ts';

test('an answer that comes 65 536 requests later is late, and no value', () =>
  readBetween({ transport: 'rtu-over-tcp', framing: 'rtu' }, 65_536));
