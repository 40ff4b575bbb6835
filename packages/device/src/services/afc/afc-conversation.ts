import { type ByteChannel, withTimeout } from '@rootcellar/core';
import { afcError } from '../errors.ts';
import { AFC_OPERATION, type AfcPacket, encodeAfcPacket, readAfcPacket } from './afc-packet.ts';

const ANSWER_TIMEOUT_MS = 30_000;

/** Source: device-protocols §9.1. */
export const AFC_STATUS = { ok: 0, notFound: 8, noSpace: 18, wouldBlock: 19 } as const;

/** Questions and answers, one at a time. */
export interface AfcConversation {
  /** @throws `afc.answer-invalid`, `stream.*`; nothing can be asked afterwards */
  ask(operation: number, fixed: Uint8Array, bulk?: Uint8Array): Promise<AfcPacket>;
  /** Asks for something that is answered with a status. @throws what the status means */
  done(operation: number, fixed: Uint8Array, bulk?: Uint8Array): Promise<void>;
}

export function afcConversation(channel: ByteChannel): AfcConversation {
  let number = 0;
  const ask: AfcConversation['ask'] = async (operation, fixed, bulk) => {
    number += 1;
    try {
      await channel.write(encodeAfcPacket({ operation, number, fixed, ...(bulk && { bulk }) }));
      const answer = await withTimeout(readAfcPacket(channel), {
        timeoutMs: ANSWER_TIMEOUT_MS,
        waitingFor: 'a file answer',
      });
      if (answer.number !== BigInt(number)) throw afcError('answer-invalid', { operation: answer.operation });
      return answer;
    } catch (error) {
      channel.destroy(); // A late answer would be taken for the next one's.
      throw error;
    }
  };
  return {
    ask,
    done: async (operation, fixed, bulk) => requireOk(statusOf(await ask(operation, fixed, bulk))),
  };
}

export function requireOk(status: number): void {
  if (status === AFC_STATUS.ok) return;
  if (status === AFC_STATUS.notFound) throw afcError('not-found');
  if (status === AFC_STATUS.noSpace) throw afcError('no-space');
  if (status === AFC_STATUS.wouldBlock) throw afcError('busy');
  throw afcError('refused', { status });
}

export function statusOf(answer: AfcPacket): number {
  if (answer.operation !== AFC_OPERATION.status || answer.body.length < 8) {
    throw afcError('answer-invalid', { operation: answer.operation });
  }
  return Number(new DataView(answer.body.buffer, answer.body.byteOffset).getBigUint64(0, true));
}

export function dataOf(answer: AfcPacket): Uint8Array {
  if (answer.operation === AFC_OPERATION.data) return answer.body;
  requireOk(statusOf(answer));
  return new Uint8Array();
}

export function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

export function text(value: string): Uint8Array {
  return Buffer.from(`${value}\0`);
}

export function bytesOf(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
