// Prometheus, text-based format 0.0.4, read as strictly as its specification allows: whatever does not follow it throws.

export type ExposedMetric = {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ExposedSample[];
};

export type ExposedSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\\n]|\\\\|\\n)+)$/;
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|summary|histogram|untyped)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"\n]|\\\\|\\"|\\n)*)"(,|$)/y;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/;
const ENDINGS: Readonly<Record<string, readonly string[]>> = { summary: ['', '_sum', '_count'] };

type Group = Omit<ExposedMetric, 'samples'> & { readonly samples: ExposedSample[] };

export function parseExposition(text: string): readonly ExposedMetric[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const groups: Group[] = [];
  const lines = text.slice(0, -1).split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('# HELP')) groups.push(parseHead(line, lines[index + 1] ?? '', groups));
    else if (!TYPE.test(line)) addSample(groups.at(-1), line);
  }
  return groups;
}

function parseHead(helpLine: string, typeLine: string, groups: readonly Group[]): Group {
  const [, helped, help] = HELP.exec(helpLine) ?? [];
  const [, typed, type] = TYPE.exec(typeLine) ?? [];
  if (helped === undefined || help === undefined) throw new Error(`${helpLine} is no help`);
  if (typed !== helped || type === undefined) throw new Error(`no type follows the help of ${helped}`);
  if (groups.some(({ name }) => name === helped)) throw new Error(`${helped} comes in two groups`);
  return { name: helped, type, help, samples: [] };
}

function addSample(group: Group | undefined, line: string): void {
  const sample = parseSample(line);
  const names = (ENDINGS[group?.type ?? ''] ?? ['']).map((ending) => `${group?.name}${ending}`);
  if (group === undefined || !names.includes(sample.name)) throw new Error(`${line} is not in its group`);
  if (group.samples.some((other) => seriesOf(other) === seriesOf(sample))) throw new Error(`${line} is there twice`);
  group.samples.push(sample);
}

function seriesOf({ name, labels }: ExposedSample): string {
  const pairs = Object.entries(labels).map(([label, value]) => JSON.stringify([label, value]));
  return [name, ...pairs.toSorted((a, b) => (a < b ? -1 : 1))].join(' ');
}

function parseSample(line: string): ExposedSample {
  const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined || !VALUE.test(value)) throw new Error(`${line} is no sample`);
  return { name, labels: parseLabels(labels), value: Number(value.replace('Inf', 'Infinity')) };
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex;
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`${text.slice(at)} is no label`);
    if (Object.hasOwn(labels, name)) throw new Error(`${name} is there twice in ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
  }
  return labels;
}
