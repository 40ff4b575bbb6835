/** What a browser may do with a file of somebody's phone: keep it, and never show it as a page of ours. */
const NO_PAGE = "sandbox; default-src 'none'";

/**
 * An answer that is a file.
 *
 * The first piece is read before anything is said, so that what cannot be read is an error; what breaks later breaks the
 * connection, and no browser takes the file for whole.
 *
 * @param options.name as the phone spells it; absent for what is shown in a page, such as a picture
 * @param options.onEnd called once, also when the browser goes away
 */
export async function download(
  content: AsyncIterable<Uint8Array>,
  options: {
    readonly contentType: string;
    readonly name?: string | undefined;
    readonly onEnd?: () => void;
  },
): Promise<Response> {
  const { contentType, name, onEnd = () => {} } = options;
  const iterator = content[Symbol.asyncIterator]();
  let first: IteratorResult<Uint8Array> | undefined = await iterator.next().catch((error: unknown) => {
    onEnd();
    throw error;
  });
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = first ?? (await iterator.next());
          first = undefined;
          if (!next.done) return controller.enqueue(next.value);
          onEnd();
          controller.close();
        } catch (error) {
          onEnd();
          throw error;
        }
      },
      async cancel() {
        await iterator.return?.().catch(() => {});
        onEnd();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      'Content-Type': contentType,
      'Content-Security-Policy': NO_PAGE,
      ...(name !== undefined && { 'Content-Disposition': attachment(name) }),
    },
  });
}

/** Source: RFC 6266 and RFC 8187; control characters and marks that turn the reading direction are left out. */
export function attachment(name: string): string {
  const safe = name
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]/g, '_')
    .slice(0, 200)
    .toWellFormed();
  const plain = safe.replace(/[^A-Za-z0-9._ -]/g, '_');
  const encoded = encodeURIComponent(safe).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
