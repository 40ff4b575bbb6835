import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { storageError } from '../../errors.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** A longer answer is refused. */
  readonly bytesMax: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly bytes: Uint8Array;
}

export interface HttpClientOptions {
  /** A certificate of one's own, PEM, that is trusted besides the usual ones. */
  readonly certificate?: string | undefined;
}

/** Without a byte for so long, a connection is dead. */
const IDLE_MS_MAX = 90_000;

/** A connection that nobody needs ends by itself: not every vault that is opened is closed. */
const UNUSED_MS_MAX = 10_000;

/** As many as there are uploads and readers; more would not be quicker. */
const CONNECTIONS_MAX = 8;

/**
 * Makes requests over connections of its own, which `close` ends. It follows no redirection: a vault does not move
 * by itself.
 */
export class HttpClient {
  readonly #plain = new HttpAgent({
    keepAlive: true,
    maxSockets: CONNECTIONS_MAX,
    timeout: UNUSED_MS_MAX,
  });
  readonly #secure: HttpsAgent;

  constructor({ certificate }: HttpClientOptions = {}) {
    this.#secure = new HttpsAgent({
      keepAlive: true,
      maxSockets: CONNECTIONS_MAX,
      timeout: UNUSED_MS_MAX,
      ...(certificate !== undefined && { ca: certificate }),
    });
  }

  /**
   * @returns the answer, whatever its status
   * @throws `storage.not-reached`, `storage.certificate-invalid`, `storage.timed-out`, `storage.too-large`
   */
  async call(request: HttpRequest): Promise<HttpAnswer> {
    request.signal?.throwIfAborted();
    try {
      return await this.#send(request);
    } catch (error) {
      request.signal?.throwIfAborted();
      throw networkError(error);
    }
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #send({ method, url, headers = {}, body, signal, bytesMax }: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const isSecure = url.protocol === 'https:';
      const send = isSecure ? httpsRequest : httpRequest;
      const length = body === undefined ? {} : { 'content-length': String(body.length) };
      const request = send(url, {
        method,
        headers: { ...headers, ...length },
        agent: isSecure ? this.#secure : this.#plain,
        timeout: IDLE_MS_MAX,
        ...(signal && { signal }),
      });
      request.once('timeout', () => request.destroy(storageError('timed-out', { timeoutMs: IDLE_MS_MAX })));
      request.once('error', reject);
      request.once('response', (answer) => {
        const { statusCode = 0, headers: received } = answer;
        readBody(answer, bytesMax).then(
          (bytes) => resolve({ status: statusCode, headers: received, bytes }),
          reject,
        );
      });
      request.end(body);
    });
  }
}

async function readBody(answer: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > bytesMax) throw storageError('too-large', { bytesMax });
    pieces.push(piece);
  }
  // Not from the pool that small buffers share: whoever gets it may move it to a thread.
  const whole = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** What the system says of a connection, as one of our errors. Addresses stay out: they may name people. */
function networkError(error: unknown): unknown {
  if (storageError.matches(error)) return error;
  const systemCode = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (systemCode === undefined) return error;
  const isCertificate = /CERT|ISSUER|SIGNATURE|ALTNAME/.test(systemCode);
  return storageError(isCertificate ? 'certificate-invalid' : 'not-reached', { systemCode }, error);
}
