// Opens connections to a host: directly or through a proxy, with TLS where the URL says so. Sends nothing on them but
// what a proxy has to know.
import { request } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { type Proxy, ProxyError } from './proxy-error.ts';

/** Which way connections take. */
export interface Way {
  readonly proxy: Proxy | undefined;
  /** The authorities that are trusted; Node's own when undefined. */
  readonly secureContext: SecureContext | undefined;
  /** The same for the host itself, where it has one of its own: with a client certificate, or other authorities. */
  readonly hostContext?: SecureContext;
}

/** For each step on the way: to the proxy, through it, and for TLS. */
const longestSeconds = 10;

/**
 * A connection on which requests to the URL's host can be sent: to the host itself, or, for http through a proxy, to
 * the proxy. Rejected as node:net and node:tls reject, and with a ProxyError when it fails at the proxy.
 */
export async function openConnection(url: URL, way: Way): Promise<Socket> {
  const { proxy, secureContext, hostContext = secureContext } = way;
  if (!proxy) return url.protocol === 'https:' ? openTls(url, hostContext) : openTcp(url);
  if (url.protocol !== 'https:') return openToProxy(proxy, secureContext);
  return openTls(url, hostContext, () => openTunnel(url, proxy, secureContext));
}

/** A connection through the proxy to the URL's host, on which nothing was sent yet. Rejected with a ProxyError. */
export async function openTunnel(
  url: URL,
  proxy: Proxy,
  secureContext: SecureContext | undefined,
): Promise<Socket> {
  const toProxy = await openToProxy(proxy, secureContext);
  const target = `${url.hostname}:${String(portOf(url))}`;
  return new Promise((resolve, reject) => {
    const connecting = request({
      createConnection: () => toProxy,
      method: 'CONNECT',
      path: target,
      // Node would ask for the connection to be closed.
      headers: { host: target, connection: 'keep-alive', ...proxyAuthorization(proxy) },
    });
    const timer = setTimeout(() => connecting.destroy(timedOut()), longestSeconds * 1000);
    connecting.on('error', (error) => {
      clearTimeout(timer);
      reject(new ProxyError(proxy, undefined, { cause: error }));
    });
    connecting.on('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      clearTimeout(timer);
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      } else {
        socket.destroy();
        reject(new ProxyError(proxy, statusCode));
      }
    });
    connecting.end();
  });
}

/** What a proxy is to be told with a request; nothing without credentials. */
export function proxyAuthorization({ credentials }: Proxy): Record<string, string> {
  if (credentials === undefined) return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/** Rejected with a ProxyError. */
export async function openToProxy(proxy: Proxy, secureContext: SecureContext | undefined): Promise<Socket> {
  const url = new URL(proxy.address);
  try {
    return await (url.protocol === 'https:' ? openTls(url, secureContext) : openTcp(url));
  } catch (error) {
    throw new ProxyError(proxy, undefined, { cause: error });
  }
}

function openTcp(url: URL): Promise<Socket> {
  return opened(connect({ host: hostOf(url), port: portOf(url) }), 'connect');
}

async function openTls(
  url: URL,
  secureContext: SecureContext | undefined,
  through?: () => Promise<Socket>,
): Promise<TLSSocket> {
  const { connectTls } = await import('./node-tls.ts');
  const host = hostOf(url);
  const socket = connectTls({
    ...(through ? { socket: await through() } : { host, port: portOf(url) }),
    host,
    // An address is no server name.
    ...(isIP(host) > 0 ? {} : { servername: host }),
    ALPNProtocols: ['http/1.1'],
    ...(secureContext && { secureContext }),
  });
  return opened(socket, 'secureConnect');
}

function opened<Opened extends Socket>(socket: Opened, event: 'connect' | 'secureConnect'): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(timedOut()), longestSeconds * 1000);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once(event, () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

function timedOut(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' });
}

/** IPv6 without brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}
