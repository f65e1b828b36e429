// The answer to a scrape: which projects, in which format and coding, and who has received it.
import type { FastifyInstance } from 'fastify';
import { chooseEncoding, type Encoding } from './accept-encoding.ts';
import { chooseFormat, type Format } from './accept-format.ts';
import { everyAnswer, sendText } from './answers.ts';
import { onceSent } from './once-sent.ts';
import { UnsentAnswers } from './unsent-answers.ts';

/** The metrics of now. */
export interface Exposition {
  has(project: string): boolean;
  metrics(wanted: MetricsWanted): Promise<MetricsAnswer>;
}

export interface MetricsWanted {
  readonly format: Format;
  readonly encoding: Encoding;
  /** The only project that is wanted; undefined: all. */
  readonly project?: string | undefined;
}

export interface MetricsAnswer {
  /** Must stay as it is until it is sent. */
  readonly body: Buffer;
  /** Told who made a scrape once all of the body was sent. */
  readonly receivedBy: (scraper: Scraper) => void;
}

/** Who made a scrape, as well as a request tells. */
export interface Scraper {
  readonly address: string;
  /** The User-Agent. */
  readonly agent: string;
  readonly connection: { readonly destroyed: boolean };
}

const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

function headersOf(format: Format): Readonly<Record<Encoding, Readonly<Record<string, string>>>> {
  const identity = {
    ...everyAnswer,
    'content-type': contentTypes[format],
    vary: 'Accept, Accept-Encoding',
  };
  return { identity, gzip: { ...identity, 'content-encoding': 'gzip' } };
}

const headers = { text: headersOf('text'), openmetrics: headersOf('openmetrics') };

export function addMetricsRoute(app: FastifyInstance, telemetryPath: string, exposition: Exposition): void {
  const unsent = new UnsentAnswers();
  app.get(telemetryPath, async (request, reply) => {
    const { project, ...others } = request.query as Readonly<Record<string, string | string[] | undefined>>;
    if (Object.keys(others).length > 0 || Array.isArray(project)) {
      const allowed = `${telemetryPath} takes one query parameter, project=NAME, once: remove all others from the URL.`;
      return sendText(reply, 400, allowed);
    }
    if (project !== undefined && !exposition.has(project)) {
      return sendText(reply, 404, 'No project has this name: /sd lists those there are.');
    }
    const format = chooseFormat(request.headers.accept);
    const encoding = chooseEncoding(request.headers['accept-encoding'] as string | undefined);
    const { body, receivedBy } = await exposition.metrics({ format, encoding, project });
    unsent.add(body, reply.raw);
    if (request.method === 'GET') onceSent(request.raw, reply.raw, receivedBy);
    return reply.headers(headers[format][encoding]).send(body);
  });
}
