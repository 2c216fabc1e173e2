import { readIdentification } from '../../drivers/modbus/identification.ts';
import { randomNumbers, type RandomNumbers } from './random-numbers.ts';

/** `wrong`: facts that were in no answer, with what was answered; `unbounded`: devices that were asked without end. */
export type IdentificationReport = { readonly wrong: string[]; unbounded: number };

const MOST_QUESTIONS = 96;

/** Identifies `count` devices whose every answer is mangled in its own way. */
export async function mutateIdentifications(count: number, seed: number): Promise<IdentificationReport> {
  const random = randomNumbers(seed);
  const report: IdentificationReport = { wrong: [], unbounded: 0 };
  for (let answered = 0; answered < count;) {
    const answers: Buffer[] = [];
    const facts = await readIdentification((category, object) => {
      const answer = mutate(drawAnswer(random, category, object), random);
      answers.push(answer);
      return Promise.resolve(random.below(20) === 0 ? undefined : answer);
    });
    answered += answers.length;
    if (answers.length > MOST_QUESTIONS) report.unbounded += 1;
    const said = Buffer.concat(answers);
    for (const { value } of facts) {
      const isThere = said.includes(Buffer.from(value)) || said.includes(Buffer.from(value, 'latin1'));
      if (!isThere || /\p{Cc}/u.test(value)) report.wrong.push(said.toString('hex'));
    }
  }
  return report;
}

function drawAnswer(random: RandomNumbers, category: number, object: number): Buffer {
  const objects = Array.from({ length: random.below(4) }, (_, index) => {
    const length = random.below(12);
    const text = Array.from({ length }, () => 32 + random.below(96));
    return Buffer.of((object + index) & 0xff, length, ...text);
  });
  const more = random.below(2) * 0xff;
  const next = (object + objects.length) & 0xff;
  return Buffer.concat([Buffer.of(43, 14, category, 0x81 + random.below(3), more, next, objects.length), ...objects]);
}

function mutate(answer: Buffer, random: RandomNumbers): Buffer {
  const at = random.below(answer.length);
  const mangled = [
    () => answer,
    () => answer.subarray(0, at),
    () => Buffer.concat([answer, answer]),
    () => Buffer.from(answer.map((byte, index) => (index === at ? byte ^ (1 << random.below(8)) : byte))),
    () => Buffer.concat([answer.subarray(0, at), answer.subarray(at + 1 + random.below(4))]),
    () => Buffer.concat([answer.subarray(0, at), Buffer.of(random.below(256), random.below(256)), answer.subarray(at)]),
    () => Buffer.from(Array.from({ length: random.below(60) }, () => random.below(256))),
  ];
  return mangled[random.below(mangled.length)]?.() ?? answer;
}
