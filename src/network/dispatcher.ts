// What makes Node's fetch take another way: connections that we open, and requests as a proxy wants them.
import type { buildConnector, Dispatcher } from 'undici';
import Agent from 'undici/lib/dispatcher/agent.js';
import { openConnection, proxyAuthorization, type Way } from './connection.ts';
import { type Proxy, ProxyError } from './proxy-error.ts';

/** For URLs of this protocol, `http:` or `https:`. */
export function createDispatcher(protocol: string, way: Way): Dispatcher {
  const connect = connectorOf(way);
  if (!way.proxy || protocol === 'https:') return new Agent({ connect });
  // Some proxies close connections without a word: each request has its own.
  return askingProxy(new Agent({ connect, pipelining: 0 }), way.proxy);
}

function connectorOf(way: Way): buildConnector.connector {
  return ({ protocol, host }, callback) => {
    openConnection(new URL(`${protocol}//${host ?? ''}`), way).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

/** Without TLS a proxy is asked for the whole URL (RFC 9112, section 3.2.2), not for a connection. */
function askingProxy(agent: Dispatcher, proxy: Proxy): Dispatcher {
  return agent.compose((dispatch) => (options, handler) => {
    const path = `${String(options.origin)}${options.path}`;
    const headers = { ...options.headers, ...proxyAuthorization(proxy) };
    return dispatch({ ...options, path, headers }, refusalsAsErrors(handler, proxy));
  });
}

/** Fetch makes an error without words of an answer with this status. */
function refusalsAsErrors(handler: Dispatcher.DispatchHandler, proxy: Proxy): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...start) => handler.onRequestStart?.(...start),
    onResponseStart: (controller, status, headers, words) => {
      if (status === 407) controller.abort(new ProxyError(proxy, status));
      else handler.onResponseStart?.(controller, status, headers, words);
    },
    onResponseData: (...piece) => handler.onResponseData?.(...piece),
    onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
    onResponseError: (...error) => handler.onResponseError?.(...error),
  };
}
