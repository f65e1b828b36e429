// What a web configuration file makes of the server: TLS, users, headers and a rate limit. Without a file nothing
// of it is loaded, and requests go straight to the app.
import type { RequestListener } from 'node:http';
import type { MakeServer } from '../http/http-server.ts';
import { plainServer } from '../http/http-server.ts';
import type { Program } from './program.ts';

export interface WebAccess {
  readonly scheme: 'http' | 'https';
  /** Whether HTTP/2 is offered. */
  readonly http2: boolean;
  readonly makeServer: MakeServer;
  /** Puts what requests have to pass before an answer. */
  guard(answer: RequestListener): RequestListener;
  close(): Promise<void>;
}

const openAccess: WebAccess = {
  scheme: 'http',
  http2: false,
  makeServer: plainServer,
  guard: (answer) => answer,
  close: () => Promise.resolve(),
};

/** Throws a ConfigurationError when the file cannot be used. An empty path: there is none. */
export async function openWebAccess(configFile: string, { log }: Pick<Program, 'log'>): Promise<WebAccess> {
  if (configFile === '') return openAccess;
  const [{ WebConfigFile }, { guarded }, { BasicAuth }, { PasswordThread }] = await Promise.all([
    import('../web-config/web-config-file.ts'),
    import('../http/guarded.ts'),
    import('../http/basic-auth.ts'),
    import('../http/password-thread.ts'),
  ]);
  const rules = new WebConfigFile(configFile, log);
  const atStart = rules.read();
  const { rateLimit, tls } = atStart;
  if (rateLimit) {
    log.info('Rate Limiter is enabled.', {
      burst: rateLimit.burst,
      interval: `${String(rateLimit.interval)}s`,
    });
  }
  const passwords = new PasswordThread();
  const auth = new BasicAuth(passwords.compare);
  const guard = (answer: RequestListener) =>
    guarded(answer, { rules, auth, clock: () => performance.now(), log });
  const close = () => passwords.close();
  if (!tls) return { ...openAccess, guard, close };
  const { secureServer } = await import('../http/secure-server.ts');
  const makeServer = secureServer({ ...atStart, tls }, rules, log);
  return { scheme: 'https', http2: atStart.http2, makeServer, guard, close };
}
