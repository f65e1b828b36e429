// What a web configuration file makes of the server: TLS, users, headers and a rate limit.
import type { RequestListener } from 'node:http';
import { BasicAuth } from '../http/basic-auth.ts';
import { guarded } from '../http/guard.ts';
import type { Secure } from '../http/server.ts';
import { unixSeconds } from '../lib/time.ts';
import type { WatchedFiles } from '../lib/watched-file.ts';
import type { Program } from './program.ts';

/** Rejected with a ConfigurationError when the file cannot be used. An empty path: there is none, and no access control. */
export async function openWebAccess(
  configFile: string,
  { log }: Pick<Program, 'log'>,
  files: Pick<WatchedFiles, 'read'>,
) {
  if (configFile === '') return undefined;
  const { WebConfigFile } = await import('../web-config/web-config-file.ts');
  const file = await WebConfigFile.open(configFile, {
    log,
    read: (path) => files.read(path),
    now: unixSeconds,
  });
  const { rateLimit, tls, http2 } = file.config;
  if (rateLimit) {
    const { burst, interval } = rateLimit;
    log.info('Rate Limiter is enabled.', { burst, interval: `${String(interval)}s` });
  }
  const auth = new BasicAuth();
  const onChange: Secure['onChange'] = (listener) =>
    file.onChange((config) => listener(config.tls?.context ?? {}));
  return {
    /** Undefined: plain HTTP. */
    secure: tls && { tls, http2, onChange, log },
    /** Puts what requests have to pass before an answer. */
    guard: (answer: RequestListener) =>
      guarded(answer, { config: () => file.config, auth, clock: () => performance.now(), log }),
    file,
  };
}
