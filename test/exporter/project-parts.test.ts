import { expect, it } from 'vitest';
import { sourceObserver } from '../../src/exporter/project-parts.ts';
import { SelfMetrics } from '../../src/exposition/self-metrics.ts';
import { createLogger } from '../../src/lib/logger.ts';

it('logs once what the API announces with every answer, and again when it announces another end', () => {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const log = createLogger({ level: 'info', format: 'logfmt', write, now: () => 0 });
  const metrics = new SelfMetrics({ version: '', revision: '', nodeVersion: '' }, () => 0).project('p');
  const observer = sourceObserver('p', log, metrics);
  const [may, june] = [Date.parse('2027-05-01') / 1000, Date.parse('2027-06-01') / 1000];
  for (const end of [may, may, june, june]) {
    observer.sunsetAnnounced?.(end);
    observer.deprecationAnnounced?.();
  }
  const said = (words: string) => expect.stringContaining(`level=WARN msg="${words}" project=p`) as string;
  expect(lines).toEqual([
    said('The API announces its end'),
    said('The API announces that it is deprecated'),
    said('The API announces its end'),
  ]);
  expect(lines[0]).toContain('ends=2027-05-01T00:00:00.000Z');
  expect(lines[2]).toContain('ends=2027-06-01T00:00:00.000Z');
});
