import {
  BrowseNextResponse,
  BrowseResponse,
  HistoryData,
  HistoryReadResponse,
  StatusCodes,
  type OPCUAServer,
} from 'node-opcua';

type Endless = 'the same' | 'nothing' | 'later values';
type Sending = { send_response(kind: string, response: unknown, ...more: unknown[]): unknown };
type Kept = { browse: BrowseResponse['results']; history: HistoryReadResponse['results']; count: number };

const MORE = Buffer.from('more');
const HOUR = 3_600_000; // milliseconds

/** Has the server, once it is told to, answer every browse and every history read with a place where it goes on. */
export function neverEnding(server: OPCUAServer): (by: Endless) => void {
  let how: Endless | undefined;
  const kept: Kept = { browse: null, history: null, count: 0 };
  server.on('newChannel', (channel) => {
    const sending = channel as unknown as Sending;
    const send = sending.send_response.bind(channel);
    sending.send_response = (kind, response, ...more) => {
      if (how !== undefined) lengthen(response, how, kept);
      return send(kind, response, ...more);
    };
  });
  return (by) => {
    how = by;
    Object.assign(kept, { browse: null, history: null, count: 0 });
  };
}

function lengthen(response: unknown, how: Endless, kept: Kept): void {
  if (response instanceof BrowseResponse) lengthenBrowse(response, false, kept);
  else if (response instanceof BrowseNextResponse) lengthenBrowse(response, how === 'nothing', kept);
  else if (response instanceof HistoryReadResponse) lengthenHistory(response, how, kept);
}

function lengthenBrowse(response: BrowseResponse | BrowseNextResponse, isNothing: boolean, kept: Kept): void {
  response.results = kept.browse ??= response.results;
  for (const result of response.results ?? []) {
    result.continuationPoint = MORE;
    if (isNothing) result.references = [];
  }
}

function lengthenHistory(response: HistoryReadResponse, how: Endless, kept: Kept): void {
  response.results = kept.history ??= response.results;
  for (const result of response.results ?? []) {
    result.statusCode = StatusCodes.Good;
    result.continuationPoint = MORE;
    if (result.historyData instanceof HistoryData) alter(result.historyData, how, kept.count++);
  }
}

/** All but the first answer. */
function alter(data: HistoryData, how: Endless, before: number): void {
  if (before === 0 || how === 'the same') return;
  if (how === 'nothing') data.dataValues = [];
  data.dataValues = (data.dataValues ?? []).map((value) => {
    const later = value.clone(); // the server keeps the other
    later.sourceTimestamp = new Date((value.sourceTimestamp?.getTime() ?? 0) + HOUR);
    return later;
  });
}
