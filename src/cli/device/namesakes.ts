import type { Identity } from '../../collect/driver.ts';
import type { KnownProfile, Lookalike } from './lookalikes.ts';

const LEAST_LETTERS = 3; // a shorter name stands in too many words

/**
 * Profiles of the make and model that a device says it is: one of its facts names the maker, another the model by its
 * type code (`METSEPM5320` is a PowerLogic PM5320).
 */
export function namesakes(profiles: readonly KnownProfile[], facts: Identity['facts']): readonly Lookalike[] {
  return profiles.flatMap(({ profile, header: { vendor, model } }) => {
    const makers = facts.filter(({ value }) => namesMaker(value, vendor));
    const models = facts.filter(({ value }) => typeCodes(model).some((code) => code.test(value)));
    const evidence = [...makers.slice(0, 1), ...models.slice(0, 1)].map(({ name, value }) => `its ${name} is ${value}`);
    return makers.length > 0 && models.length > 0 ? [{ profile, vendor, model, by: 'name', evidence }] : [];
  });
}

function namesMaker(value: string, vendor: string): boolean {
  const [word = ''] = vendor.toLowerCase().split(/[^a-z0-9]+/, 1);
  return (
    word.length >= LEAST_LETTERS &&
    value
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .includes(word)
  );
}

/** The words of a model's name that are codes, as they may stand in longer ones; EM34 is no EM340. */
function typeCodes(model: string): readonly RegExp[] {
  return model
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word.length >= LEAST_LETTERS && /[A-Za-z]/.test(word) && /\d/.test(word))
    .map((code) => new RegExp(`${code}(?!\\d)`, 'i'));
}
