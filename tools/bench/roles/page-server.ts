// Serves the sessions of a world as the Analytics API would, as cheaply as can be: it checks no token and keeps
// no state but the number of listings.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listingTexts, pageText, type World } from '../world.ts';
import { announce, answerQuestions } from './answering.ts';

export interface PageServerOptions {
  readonly world: World;
  /** Before every answer; all listings are then the first one, made beforehand: an answer takes that long and no longer. */
  readonly latencyMilliseconds?: number;
  /** After so many listings requests are not answered any more: the exporter is then idle. */
  readonly listings?: number;
}

/** Answers to `listings`: how many were begun. */
export function run({ world, latencyMilliseconds = 0, listings = Infinity }: PageServerOptions): void {
  let begun = 0;
  const made = latencyMilliseconds > 0 ? listingTexts(world, 0) : [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const page = Number(searchParams.get('page'));
    if (page === 0) begun += 1;
    if (begun > listings) return;
    const listing = begun - 1;
    const answer = () => {
      response.setHeader('content-type', 'application/json');
      response.end(made[page] ?? pageText(world, page, listing));
    };
    if (latencyMilliseconds > 0) setTimeout(answer, latencyMilliseconds);
    else answer();
  });
  // Exporters come back to a connection after minutes.
  server.keepAliveTimeout = 3_600_000;
  server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
  answerQuestions({ listings: () => begun });
}
