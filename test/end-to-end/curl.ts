// Asks with curl, which speaks HTTP/2 and shows certificates as other programs do.
import { execFile } from 'node:child_process';

export interface CurlAnswer {
  /** 0 when there was no answer. */
  readonly status: number;
  /** `2`, `1.1` or `1.0`. */
  readonly version: string;
  readonly body: string;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** What curl says when there was no answer. */
  readonly problem: string;
}

export function curl(url: string, ...options: readonly string[]): Promise<CurlAnswer> {
  const args = ['--silent', '--show-error', '--include', '--max-time', '30', ...options, url];
  return new Promise((resolve) => {
    execFile('curl', args, { maxBuffer: 64 * 1024 * 1024 }, (_error, output, problem) => {
      const end = output.indexOf('\r\n\r\n');
      const [statusLine = '', ...lines] = output.slice(0, Math.max(end, 0)).split('\r\n');
      const [, version = '', status = '0'] = /^HTTP\/([\d.]+) (\d+)/.exec(statusLine) ?? [];
      const headers = new Map(
        lines.map((line): [string, string] => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
        }),
      );
      resolve({ status: Number(status), version, body: output.slice(end + 4), headers, problem });
    });
  });
}
