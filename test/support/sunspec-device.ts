import { answerFrame, exceptionFrame, type Manner } from './played-modbus.ts';
import type { AskRegisters, RegisterTable } from '../../drivers/modbus/sunspec/registers.ts';
import { modelOf } from '../../drivers/modbus/sunspec/models.ts';
import type { ModelGroup } from '../../drivers/modbus/sunspec/table.ts';

/** Registers by their address. */
export type RegisterImage = ReadonlyMap<number, number>;

/** A model as a device holds it: registers by their offset after the head; those that are not named are not implemented. */
export type ComposedModel = {
  readonly id: number;
  /** As the device says it; absent: as many as there are. */
  readonly length?: number;
  /** Repetitions of the groups that the length decides on. */
  readonly times?: number;
  readonly values?: Readonly<Record<number, number | bigint | string | Float>>;
};

/** A number that takes two registers as a float32. */
export type Float = { readonly float: number };

const ABSENT: Readonly<Record<string, readonly number[]>> = {
  int16: [0x8000],
  uint16: [0xffff],
  acc16: [0],
  enum16: [0xffff],
  bitfield16: [0xffff],
  pad: [0x8000],
  count: [0xffff],
  sunssf: [0x8000],
  int32: [0x8000, 0],
  uint32: [0xffff, 0xffff],
  acc32: [0, 0],
  enum32: [0xffff, 0xffff],
  bitfield32: [0xffff, 0xffff],
  float32: [0x7fc0, 0],
  uint64: [0xffff, 0xffff, 0xffff, 0xffff],
  acc64: [0, 0, 0, 0],
  eui48: [0, 0xffff, 0xffff, 0xffff],
};

/** The marks of a group's points and of what follows them, each inner group once or `times`. */
function absentRegisters(group: ModelGroup, times: number): readonly number[] {
  const own = group.points.flatMap(({ type, words }) => ABSENT[type] ?? Array.from({ length: words }, () => 0));
  const inner = group.groups.flatMap((one) => {
    const count = one.count === 1 ? 1 : times;
    return Array.from({ length: count }, () => absentRegisters(one, times)).flat();
  });
  return [...own, ...inner];
}

/** What a device holds from `base` on: the marker, its models, the end. */
export async function composeImage(
  models: readonly ComposedModel[],
  { base = 40_000, end = [0xffff, 0] }: { readonly base?: number; readonly end?: readonly number[] } = {},
): Promise<RegisterImage> {
  const registers: number[] = [0x5375, 0x6e53];
  for (const { id, length, times = 0, values = {} } of models) {
    const model = await modelOf(id);
    const content = model === undefined ? [] : [...absentRegisters(model.group, times)];
    for (const [offset, value] of Object.entries(values)) {
      wordsOf(value).forEach((word, index) => {
        content[Number(offset) + index] = word;
      });
    }
    const own = Array.from({ length: length ?? content.length }, (_, index) => content[index] ?? 0);
    registers.push(id, own.length, ...own);
  }
  return new Map([...registers, ...end].map((register, index) => [base + index, register]));
}

function wordsOf(value: number | bigint | string | Float): readonly number[] {
  if (typeof value === 'number') return [value & 0xffff];
  const bytes = bytesOf(value);
  return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(index * 2));
}

function bytesOf(value: bigint | string | Float): Buffer {
  if (typeof value === 'string') return Buffer.from(value.length % 2 === 0 ? value : `${value}\0`, 'latin1');
  const bytes = Buffer.alloc(typeof value === 'bigint' ? 8 : 4);
  if (typeof value === 'bigint') bytes.writeBigUInt64BE(value);
  else bytes.writeFloatBE(value.float);
  return bytes;
}

export type AskedRegisters = { readonly table: RegisterTable; readonly address: number; readonly count: number };

/** Answers from an image as a device does: whole ranges, or not at all; `asked` tells what was asked. */
export function askImage(
  image: RegisterImage,
  table: RegisterTable = 'holding',
): { readonly ask: AskRegisters; readonly asked: AskedRegisters[] } {
  const asked: AskedRegisters[] = [];
  return {
    asked,
    ask: (where, address, count) => {
      asked.push({ table: where, address, count });
      return Promise.resolve(where === table ? (readImage(image, address, count) ?? 'refused') : 'refused');
    },
  };
}

/** The bytes of a range; undefined where the image does not hold all of it. */
export function readImage(image: RegisterImage, address: number, count: number): Buffer | undefined {
  const bytes = Buffer.alloc(count * 2);
  for (let index = 0; index < count; index++) {
    const register = image.get(address + index);
    if (register === undefined) return undefined;
    bytes.writeUInt16BE(register, index * 2);
  }
  return bytes;
}

/** A device that holds nothing but an image, among its holding registers, whatever its unit. */
export function holdingImage(image: RegisterImage): Manner {
  return (asked, socket) => {
    const bytes = asked.code === 3 ? readImage(image, asked.address, asked.amount) : undefined;
    socket.write(bytes === undefined ? exceptionFrame(asked, 2) : answerFrame(asked, bytes));
  };
}
