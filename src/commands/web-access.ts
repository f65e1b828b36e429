// What a web configuration file makes of the server: TLS, users, headers and a rate limit. Without a file requests go
// straight to the app.
import type { RequestListener } from 'node:http';
import { BasicAuth } from '../http/basic-auth.ts';
import { guarded } from '../http/guard.ts';
import type { Secure } from '../http/server.ts';
import { unixSeconds } from '../lib/time.ts';
import type { WatchedFiles } from '../lib/watched-file.ts';
import type { WebConfigFailure } from '../web-config/web-config-file.ts';
import type { Program } from './program.ts';

export interface WebAccess {
  /** Undefined: plain HTTP. */
  readonly secure: Secure | undefined;
  /** Puts what requests have to pass before an answer. */
  guard(answer: RequestListener): RequestListener;
  /** Looks at the file until the signal aborts; tells at once, and when it changes, whether the file as it is then is in force. */
  watch(stop: AbortSignal, changed: (isInForce: boolean) => void): void;
  failure(): WebConfigFailure | undefined;
}

const openAccess: WebAccess = {
  secure: undefined,
  guard: (answer) => answer,
  watch: () => undefined,
  failure: () => undefined,
};

/** Rejected with a ConfigurationError when the file cannot be used. An empty path: there is none. */
export async function openWebAccess(
  configFile: string,
  { log }: Pick<Program, 'log'>,
  files: Pick<WatchedFiles, 'read'>,
): Promise<WebAccess> {
  if (configFile === '') return openAccess;
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
    secure: tls && { tls, http2, onChange, log },
    guard: (answer) =>
      guarded(answer, { config: () => file.config, auth, clock: () => performance.now(), log }),
    watch: (stop, changed) => {
      let last: boolean | undefined;
      const tell = () => {
        const isInForce = file.failure === undefined;
        if (isInForce !== last) changed((last = isInForce));
      };
      tell();
      void file.watch(stop, tell);
    },
    failure: () => file.failure,
  };
}
