// What a simulator that runs as its own process is controlled with, under /simulator/: the truth, the faults
// and the log of requests. For callers on the same machine only.
import type { IncomingMessage } from 'node:http';
import { jsonAnswer, refusal, type Answer } from './answer.ts';
import { readFaultOrder } from './fault-orders.ts';
import type { Faults } from './faults.ts';
import { SimulatorOptionError } from './option-error.ts';
import type { ProjectApi } from './project-api.ts';
import type { RequestLog } from './request-log.ts';
import type { Usage } from './usage.ts';

export const controlPrefix = '/simulator/';

export interface Controlled {
  readonly projects: ReadonlyMap<string, ProjectApi>;
  readonly faults: Faults;
  readonly log: RequestLog;
}

export async function answerControl(
  request: IncomingMessage,
  url: URL,
  { projects, faults, log }: Controlled,
  now: number,
): Promise<Answer> {
  if (!isLoopback(request.socket.remoteAddress)) {
    return refusal(403, 'permission_denied', 'the simulator is controlled from its own machine only');
  }
  switch (`${request.method} ${url.pathname.slice(controlPrefix.length)}`) {
    case 'GET truth':
      return answerTruth(projects, url.searchParams, now);
    case 'GET requests':
      return jsonAnswer(200, { requests: log.requests });
    case 'GET faults':
      return jsonAnswer(200, { faults: faults.list() });
    case 'POST faults':
      return orderFaults(await readBody(request), faults);
    case 'DELETE faults':
      faults.clear();
      return jsonAnswer(200, { faults: [] });
    default:
      return refusal(
        404,
        'not_found',
        'there are GET /simulator/truth?project=&from=&usage=, GET /simulator/requests, GET, POST and DELETE /simulator/faults',
      );
  }
}

const truthParameters = ['project', 'from', 'usage'];

function answerTruth(
  projects: ReadonlyMap<string, ProjectApi>,
  search: URLSearchParams,
  now: number,
): Answer {
  const unknown = [...search.keys()].find((name) => !truthParameters.includes(name));
  if (unknown !== undefined)
    return refusal(400, 'invalid_argument', `${unknown}: the truth knows only ${truthParameters.join(', ')}`);
  const from = search.get('from');
  if (from !== null && !/^\d+(\.\d+)?$/.test(from)) {
    return refusal(400, 'invalid_argument', 'from must be a time in Unix seconds');
  }
  const asked = search.get('usage') ?? 'false';
  if (asked !== 'true' && asked !== 'false')
    return refusal(400, 'invalid_argument', 'usage must be true or false');
  const usage = asked === 'true';
  const ids = [...projects.keys()];
  const project = search.get('project') ?? (ids.length === 1 ? (ids[0] as string) : '');
  const truth = projects.get(project)?.truth(now, {
    ...(from !== null && { from: Number(from) }),
    usage,
  });
  if (!truth) return refusal(404, 'not_found', `project must be one of ${ids.join(', ')}`);
  const { rooms, ...totals } = truth;
  return jsonAnswer(200, {
    now,
    project,
    ...plain(totals, usage),
    rooms: Array.from(rooms, ([room, sums]) => ({ room, ...plain(sums, usage) })),
  });
}

/** Without what was not asked for; JSON has no maps. */
function plain<Sums extends { readonly usage: Usage }>({ usage, ...sums }: Sums, asked: boolean) {
  if (!asked) return sums;
  const { regions, connectionTypes, sdks, ...numbers } = usage;
  return {
    ...sums,
    usage: {
      ...numbers,
      regions: Object.fromEntries(regions),
      connectionTypes: Object.fromEntries(connectionTypes),
      sdks: Object.fromEntries(sdks),
    },
  };
}

function orderFaults(body: string | undefined, faults: Faults): Answer {
  if (body === undefined) return refusal(413, 'invalid_argument', `the body may have ${longestBody} bytes`);
  try {
    const orders: unknown = JSON.parse(body);
    faults.order(...(Array.isArray(orders) ? orders : [orders]).map(readFaultOrder));
    return jsonAnswer(200, { faults: faults.list() });
  } catch (error) {
    if (error instanceof SyntaxError)
      return refusal(400, 'invalid_argument', `the body is no JSON: ${error.message}`);
    if (error instanceof SimulatorOptionError) return refusal(400, 'invalid_argument', error.message);
    throw error;
  }
}

const longestBody = 65_536;

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= longestBody) chunks.push(chunk);
  }
  return length > longestBody ? undefined : Buffer.concat(chunks).toString();
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address);
}
