import { describe, expect, test } from 'vitest';
import { parseServerId, readIdentification } from '../../../drivers/modbus/identification.ts';
import { mutateIdentifications } from '../../support/identification-mutations.ts';

type Objects = Readonly<Record<number, string | Buffer>>;

/** An answer of 6.21: function, type, category, conformity, more follows, next object, number of objects, objects. */
function page(category: number, objects: Objects, { conformity = 0x82, more = 0, next = 0 } = {}): Buffer {
  const content = Object.entries(objects).map(([id, value]) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.of(Number(id), bytes.length), bytes]);
  });
  return Buffer.concat([Buffer.of(43, 14, category, conformity, more, next, content.length), ...content]);
}

/** Facts as `name: value`, and how often the device was asked. */
async function identify(
  answer: (category: number, object: number) => Buffer | undefined,
): Promise<{ readonly facts: readonly string[]; readonly asked: number }> {
  let asked = 0;
  const facts = await readIdentification((category, object) => {
    asked += 1;
    return Promise.resolve(answer(category, object));
  });
  return { facts: facts.map(({ name, value }) => `${name}: ${value}`), asked };
}

const BASIC: Objects = { 0: 'Sonne AG', 1: 'D10', 2: 'V1.2' };

describe('a device says what it is', () => {
  test('in one answer for each category that it has', async () => {
    const regular = { ...BASIC, 4: 'Dach', 5: 'Dach 10' };
    const { facts, asked } = await identify((category) => page(category, category === 1 ? BASIC : regular));
    expect(facts).toEqual([
      'vendor name: Sonne AG',
      'product code: D10',
      'revision: V1.2',
      'product name: Dach',
      'model name: Dach 10',
    ]);
    expect(asked).toBe(2);
  });

  test('in several, each beginning where the last one says', async () => {
    const { facts } = await identify((category, object) =>
      object === 0
        ? page(category, { 0: 'Sonne AG' }, { conformity: 1, more: 0xff, next: 1 })
        : page(category, { 1: 'D10', 2: 'V1.2' }, { conformity: 1 }),
    );
    expect(facts).toEqual(['vendor name: Sonne AG', 'product code: D10', 'revision: V1.2']);
  });

  test('with objects of its own, in any alphabet', async () => {
    const own = { ...BASIC, 0x80: 'Zürich', 0x81: Buffer.from('Gen\xe8ve', 'latin1'), 0x82: 'padded  \0\0' };
    const { facts } = await identify((category) => page(category, category === 3 ? own : BASIC, { conformity: 0x83 }));
    expect(facts.slice(3)).toEqual(['object 128: Zürich', 'object 129: Genève', 'object 130: padded']);
  });

  test('or not: what refuses or is silent has nothing to say', async () => {
    expect(await identify(() => undefined)).toEqual({ facts: [], asked: 1 });
  });
});

describe('an answer that breaks the rules', () => {
  test('leaves what was sound of it', async () => {
    const whole = page(1, BASIC, { conformity: 1 });
    for (let length = 0; length < whole.length; length++) {
      const { facts } = await identify(() => whole.subarray(0, length));
      expect(facts).toEqual(['vendor name: Sonne AG', 'product code: D10', 'revision: V1.2'].slice(0, facts.length));
    }
  });

  test.each<[string, Buffer]>([
    ['of another function', Buffer.of(3, 14, 1, 1, 0, 0, 1, 0, 1, 65)],
    ['of another message', Buffer.of(43, 13, 1, 1, 0, 0, 1, 0, 1, 65)],
    ['to another category', Buffer.of(43, 14, 2, 1, 0, 0, 1, 0, 1, 65)],
    ['with an object longer than itself', Buffer.of(43, 14, 1, 1, 0, 0, 1, 0, 200, 65)],
    ['with control characters', Buffer.of(43, 14, 1, 1, 0, 0, 1, 0, 2, 65, 7)],
    ['with nothing in it', Buffer.of(43, 14, 1, 1, 0, 0, 1, 0, 0)],
  ])('%s says nothing', async (_, answer) => {
    expect((await identify(() => answer)).facts).toEqual([]);
  });
});

describe('a device that never comes to an end', () => {
  test('by asking to be asked for the same again', async () => {
    const { facts, asked } = await identify((category) =>
      page(category, BASIC, { conformity: 1, more: 0xff, next: 0 }),
    );
    expect(facts).toHaveLength(3);
    expect(asked).toBe(1);
  });

  test('by going on and on', async () => {
    const { facts, asked } = await identify((category, object) =>
      page(category, { [object]: `object ${object}` }, { conformity: 0x83, more: 0xff, next: object + 1 }),
    );
    expect(asked).toBe(96);
    expect(facts).toHaveLength(32);
  });

  test('by repeating an object: the first one counts', async () => {
    const { facts } = await identify((category, object) =>
      page(category, { 0: object === 0 ? 'first' : 'second' }, { conformity: 1, more: 0xff, next: object + 5 }),
    );
    expect(facts).toEqual(['vendor name: first']);
  });
});

describe('Report Server ID', () => {
  test('is shown in hexadecimal, and the text in it', () => {
    const data = Buffer.concat([Buffer.of(0x11, 0xff), Buffer.from('PM5560 v2.3')]);
    expect(parseServerId(Buffer.concat([Buffer.of(17, data.length), data]))).toEqual([
      { name: 'server id', value: '11ff504d353536302076322e33' },
      { name: 'server text', value: 'PM5560 v2.3' },
    ]);
  });

  test.each([[Buffer.of()], [Buffer.of(17, 0)], [Buffer.of(17, 5, 1, 0xff)], [Buffer.of(3, 1, 9)]])(
    '%o says nothing',
    (pdu) => {
      expect(parseServerId(pdu)).toEqual([]);
    },
  );
});

test('10 000 mutated answers: nothing throws, all end, and every fact is text of the answers', async () => {
  expect(await mutateIdentifications(10_000, 14)).toEqual({ wrong: [], unbounded: 0 });
});
