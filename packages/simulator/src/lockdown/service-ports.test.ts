import { manualClock, type Random, seededRandom } from '@rootcellar/core';
import { expect, test } from 'vitest';
import type { Attachment } from '../mux/attachments.ts';
import { LOCKDOWN_PORT } from './lockdown-port.ts';
import { ServicePorts } from './service-ports.ts';

test('a service never gets the port of lockdown, nor one that is taken', () => {
  const drawn = [LOCKDOWN_PORT, 50_000, 50_000, 50_001].map((port) => port - 49_152);
  const random: Random = { ...seededRandom('ports'), below: () => drawn.shift() ?? 0 };
  const ports = new ServicePorts(manualClock(new Date('2026-05-03T10:00:00Z')), random);
  const attachment = { signal: new AbortController().signal } as Attachment;
  expect(ports.open(attachment, () => {})).toBe(50_000);
  expect(ports.open(attachment, () => {})).toBe(50_001);
});
