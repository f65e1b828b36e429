// The answer to a scrape: which projects, in which format and coding, and who has received it.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Encoding } from './accept-encoding.ts';
import type { Format } from './accept-format.ts';
import { everyAnswer, sendText } from './answers.ts';
import { onceSent, type Scraper } from './once-sent.ts';
import { Preferences } from './preferences.ts';
import { UnsentAnswers } from './unsent-answers.ts';

/** The metrics of now. */
export interface Exposition {
  has(project: string): boolean;
  /** The answer itself where it is there already. */
  metrics(wanted: MetricsWanted): MetricsAnswer | Promise<MetricsAnswer>;
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

const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The length is that of the answer that is about to be sent: the rest is the same for all. */
type Headers = Record<string, string | number> & { 'content-length': number };

function headersOf(format: Format): Readonly<Record<Encoding, Headers>> {
  const identity = {
    ...everyAnswer,
    'content-type': contentTypes[format],
    'content-length': 0,
    vary: 'Accept, Accept-Encoding',
  };
  return { identity, gzip: { ...identity, 'content-encoding': 'gzip' } };
}

const headers = { text: headersOf('text'), openmetrics: headersOf('openmetrics') };

export function addMetricsRoute(app: FastifyInstance, telemetryPath: string, exposition: Exposition): void {
  const preferences = new Preferences();
  const unsent = new UnsentAnswers();
  /**
   * The last reply, and with it Node's request and response. At a full garbage collection that finds none alive, as one
   * between two scrapes does, V8 forgets their shapes and all code that it has optimized for them: for seconds each scrape
   * takes 40 µs more. A map, because setting in it is a call: bundlers leave out what is assigned and never read.
   */
  const kept = new Map<'last', FastifyReply>();

  app.get(telemetryPath, (request, reply) => {
    const query = request.query as Readonly<Record<string, string | string[] | undefined>>;
    const { project } = query;
    if (!Object.keys(query).every(isProject) || Array.isArray(project)) {
      const allowed = `${telemetryPath} takes one query parameter, project=NAME, once: remove all others from the URL.`;
      return sendText(reply, 400, allowed);
    }
    if (project !== undefined && !exposition.has(project)) {
      return sendText(reply, 404, 'No project has this name: /sd lists those there are.');
    }
    const { accept, 'accept-encoding': acceptEncoding } = request.headers;
    const { format, encoding } = preferences.of(accept, acceptEncoding as string | undefined);
    const answer = exposition.metrics({ format, encoding, project });
    const send = (made: MetricsAnswer) => sendMetrics(request, reply, headers[format][encoding], made);
    return answer instanceof Promise ? answer.then(send) : send(answer);
  });

  /** Past what fastify does for answers of any kind: beside a scrape's few hundred microseconds that is a lot. */
  function sendMetrics(
    request: FastifyRequest,
    reply: FastifyReply,
    head: Headers,
    { body, receivedBy }: MetricsAnswer,
  ): void {
    kept.set('last', reply);
    reply.hijack();
    const { raw: response } = reply;
    head['content-length'] = body.length;
    response.writeHead(200, head);
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    unsent.add(body, response);
    onceSent(request.raw, response, receivedBy);
    response.end(body);
  }
}

function isProject(parameter: string): boolean {
  return parameter === 'project';
}
