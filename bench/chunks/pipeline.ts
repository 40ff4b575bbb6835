import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { blobId, type Cut, cutContent, newPolynomial, openBlobPool } from '@rootcellar/vault';

/** What is to be stored, and where. */
interface PipelineOptions {
  readonly file: string;
  readonly into: string;
  readonly cut: Cut;
  readonly threads: number;
}

/** As in a vault: what is being prepared may take so much memory. */
const IN_WORK_BYTES_MAX = 32 * 1024 * 1024;

/** Cuts a file, prepares its chunks and writes them one behind the other. */
async function store({ file, into, cut, threads }: PipelineOptions): Promise<void> {
  const key = { encrypt: randomBytes(32), macK: randomBytes(16), macR: randomBytes(16) };
  const pool = openBlobPool({ key, threads });
  const output = createWriteStream(into, { flush: true });
  const work = new Set<Promise<void>>();
  let inWorkBytes = 0;
  const source = createReadStream(file, { highWaterMark: 256 * 1024 });
  for await (const chunk of cutContent(source, { polynomial: newPolynomial(randomBytes), cut })) {
    const { length } = chunk;
    const job = pool.prepareBlob(chunk, 'data', { id: blobId(chunk) }).then(({ sealed }) => {
      output.write(sealed);
      inWorkBytes -= length;
      work.delete(job);
    });
    work.add(job);
    inWorkBytes += length;
    while (inWorkBytes > IN_WORK_BYTES_MAX) await Promise.race(work);
  }
  await Promise.all(work);
  await pool.close();
  output.end();
  await once(output, 'close');
}

await store(JSON.parse(process.argv[2] ?? '{}') as PipelineOptions);
