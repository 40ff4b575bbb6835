/** Fields of a JSON document that came from outside. `undefined` stands for missing as well as for wrong. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function asArray(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A whole number from 0 to `max`. */
export function asCount(value: unknown, max = Number.MAX_SAFE_INTEGER): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max
    ? (value as number)
    : undefined;
}

export function asTexts(value: unknown): readonly string[] | undefined {
  const array = asArray(value);
  return array?.every((item) => typeof item === 'string') ? (array as readonly string[]) : undefined;
}

/** Bytes in standard Base64, of exactly that length if one is given. */
export function asBase64(value: unknown, lengthBytes?: number): Uint8Array | undefined {
  if (typeof value !== 'string') return undefined;
  const bytes = Buffer.from(value, 'base64');
  return lengthBytes === undefined || bytes.length === lengthBytes ? bytes : undefined;
}

/** @returns `undefined` if it is no JSON */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
