import type { AdHocReading, Commissioning, Keys } from '../../collect/commissioning.ts';
import type { Fault } from '../../config/fault.ts';
import { readProfile, type ProfileHeader } from '../../config/profile-file.ts';
import { listProfileFiles } from '../../config/profile-folders.ts';
import type { Clock } from '../../model/clock.ts';
import { candidateOf, type Candidate, type Question } from './candidates.ts';

/** A profile that a device looks like, with what speaks for it. */
export type Lookalike = {
  readonly profile: string;
  readonly vendor: string;
  readonly model: string;
  /** By its own marks, all of which fit; by what it calls itself; or by values that would be what they should be. */
  readonly by: Candidate['by'] | 'name';
  /** What was asked and answered so, e.g. `holding 90 is 15275`. */
  readonly evidence: readonly string[];
};

export type Search = {
  /** The most certain first; equally certain ones cannot be told apart from here. */
  readonly found: readonly Lookalike[];
  readonly tried: number;
  readonly candidates: number;
  /** Why not all were tried. */
  readonly ended: string | undefined;
  /** Whether the device has answered anything. */
  readonly answered: boolean;
};

/** A profile by its name, `vendor/model`. */
export type KnownProfile = { readonly profile: string; readonly header: ProfileHeader };

/** The profiles in `folders` for the driver. */
export async function profilesFor(driver: string, folders: readonly string[]): Promise<readonly KnownProfile[]> {
  const faults: Fault[] = []; // a profile that is broken is not for this command to complain of
  const profiles: KnownProfile[] = [];
  for (const [profile, file] of await listProfileFiles(folders)) {
    const header = (await readProfile(file, faults))?.header;
    if (header?.driver === driver) profiles.push({ profile, header });
  }
  return profiles;
}

/** Those of the profiles by which something would tell a device, the cheapest to ask first. */
export function candidatesAmong(profiles: readonly KnownProfile[]): readonly Candidate[] {
  const candidates = profiles.flatMap(({ profile, header }) => candidateOf(profile, header) ?? []);
  return candidates.toSorted((a, b) => a.questions.length - b.questions.length);
}

const LONGEST_SEARCH = 60_000; // milliseconds
const MOST_SILENCES = 3; // a device that says nothing about what it does not have costs a timeout each time

type SearchContext = {
  readonly commissioning: Commissioning;
  readonly clock: Clock;
  /** What the device looks like by what it calls itself; see `namesakes`. */
  readonly named: readonly Lookalike[];
  /** Called before each profile is tried. */
  readonly progress: (done: number, total: number) => void;
};

/**
 * Asks the device with these keys what each candidate would answer: fingerprints first; only where none fits its own
 * name counts, and only where it has none, values that one knows by sight. Bounded in time, and given up where the device stays silent. Rejects as `readAdHoc` does.
 */
export async function searchLookalikes(
  device: Keys,
  candidates: readonly Candidate[],
  context: SearchContext,
  signal: AbortSignal,
): Promise<Search> {
  const marked = candidates.filter(({ by }) => by === 'fingerprint');
  const asker = new Asker(device, context, signal);
  const byMarks = await tryAll(marked, asker, { ...context, before: 0, total: candidates.length });
  const known = { candidates: candidates.length, answered: asker.answered };
  if (byMarks.found.length > 0) return { ...byMarks, ...known };
  if (context.named.length > 0 || byMarks.ended !== undefined) return { ...byMarks, ...known, found: context.named };
  const others = candidates.filter(({ by }) => by === 'values');
  const byValues = await tryAll(others, asker, { ...context, before: marked.length, total: candidates.length });
  return { ...byValues, ...known, tried: byMarks.tried + byValues.tried, answered: asker.answered };
}

type Round = SearchContext & { readonly before: number; readonly total: number };

async function tryAll(
  candidates: readonly Candidate[],
  asker: Asker,
  { progress, before, total }: Round,
): Promise<Pick<Search, 'found' | 'tried' | 'ended'>> {
  const found: Lookalike[] = [];
  for (const [index, candidate] of candidates.entries()) {
    if (asker.exhausted !== undefined) return { found: sorted(found), tried: index, ended: asker.exhausted };
    progress(before + index, total);
    const evidence = evidenceFor(candidate, await asker.ask(candidate));
    if (evidence !== undefined) {
      const { profile, vendor, model, by } = candidate;
      found.push({ profile, vendor, model, by, evidence });
    }
  }
  return { found: sorted(found), tried: candidates.length, ended: undefined };
}

function sorted(found: readonly Lookalike[]): readonly Lookalike[] {
  return found.toSorted((a, b) => b.evidence.length - a.evidence.length);
}

/** What speaks for the candidate; undefined where anything speaks against it, or too little for it. */
function evidenceFor(
  { questions, by }: Candidate,
  answers: ReadonlyMap<Question, AdHocReading>,
): readonly string[] | undefined {
  const judged = questions.flatMap((question) => {
    const answer = answers.get(question);
    return answer === undefined ? [] : [{ question, answer, verdict: question.judge(answer) }];
  });
  if (judged.length < questions.length || judged.some(({ verdict }) => verdict === 'no')) return undefined;
  const speaking = judged.filter(({ verdict }) => verdict === 'yes');
  if (by === 'values' && speaking.length < 2) return undefined;
  return speaking.map(({ question, answer }) => `${question.name} is ${question.show(answer)}`);
}

/** Asks one device, each question once, and knows when it has asked enough. */
class Asker {
  readonly #device: Keys;
  readonly #context: SearchContext;
  readonly #signal: AbortSignal;
  readonly #deadline: number;
  readonly #known = new Map<string, AdHocReading>();
  #silences = 0;
  #answered = false;

  constructor(device: Keys, context: SearchContext, signal: AbortSignal) {
    this.#device = device;
    this.#context = context;
    this.#signal = signal;
    this.#deadline = context.clock.monotonic() + LONGEST_SEARCH;
  }

  /** Why no more should be asked. */
  get exhausted(): string | undefined {
    if (this.#silences >= MOST_SILENCES) return 'the device stays silent about what it does not know';
    return this.#context.clock.monotonic() > this.#deadline ? 'it took too long' : undefined;
  }

  /** Whether anything was answered, be it a refusal. */
  get answered(): boolean {
    return this.#answered;
  }

  async ask({ device, questions }: Candidate): Promise<ReadonlyMap<Question, AdHocReading>> {
    const keys = { ...device, ...this.#device };
    const idOf = (question: Question): string => JSON.stringify([keys, question.keys]);
    const news = new Map(questions.map((question) => [idOf(question), question.keys]));
    for (const id of this.#known.keys()) news.delete(id);
    if (news.size > 0) await this.#read(keys, news);
    return new Map(
      questions.flatMap((question) => {
        const answer = this.#known.get(idOf(question));
        return answer === undefined ? [] : [[question, answer] as const];
      }),
    );
  }

  async #read(device: Keys, points: ReadonlyMap<string, Keys>): Promise<void> {
    const numbered = [...points].map(([id, keys], index) => ({ id, keys, name: `question-${index}` }));
    const asked = { device, points: Object.fromEntries(numbered.map(({ name, keys }) => [name, keys])) };
    const answers = await this.#context.commissioning.readAdHoc(asked, this.#signal);
    for (const { id, name } of numbered) {
      const answer = answers.find(({ point }) => point === name);
      if (answer !== undefined) this.#known.set(id, answer);
    }
    const isSilent = answers.length > 0 && answers.every(({ reason }) => reason === 'no-answer');
    this.#silences = isSilent ? this.#silences + 1 : 0;
    this.#answered ||= !isSilent;
  }
}
