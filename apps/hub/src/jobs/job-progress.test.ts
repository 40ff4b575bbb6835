import { describe, expect, test } from 'vitest';
import { JobProgressMeter } from './job-progress.ts';

describe('the progress of a job', () => {
  test('has a rate and a time that is left, once there is something to measure', () => {
    const meter = new JobProgressMeter('preparing');
    expect(meter.hear({ phase: 'receiving', bytes: 0, fraction: 0 }, 1_000)).toBe(true);
    expect(meter.progress).toEqual({ bytes: 0, fraction: 0 });
    expect(meter.hear({ phase: 'receiving', bytes: 10_000_000, fraction: 0.1 }, 3_000)).toBe(false);
    expect(meter.progress).toMatchObject({ bytesPerSecond: 5_000_000, secondsLeft: 18 });
  });

  test('asks for the passcode while the phone waits for it, and no longer', () => {
    const meter = new JobProgressMeter('preparing');
    expect(meter.hear({ phase: 'waiting-for-passcode', note: 'Enter it.' }, 1)).toBe(true);
    expect(meter.progress).toEqual({ prompt: 'passcode', note: 'Enter it.' });
    expect(meter.hear({ phase: 'preparing' }, 2)).toBe(true);
    expect(meter.progress).toEqual({});
  });

  test('never takes a phase that is no state, or an end that the work has not come to', () => {
    const meter = new JobProgressMeter('verifying');
    for (const phase of ['done', 'failed', 'unlocking', '', '__proto__']) meter.hear({ phase }, 1);
    expect(meter.state).toBe('verifying');
  });

  test('names the part of the phone that is arriving, and only while it does', () => {
    const meter = new JobProgressMeter('preparing');
    meter.hear({ phase: 'receiving', bytes: 1, domain: 'CameraRollDomain' }, 1);
    expect(meter.progress).toEqual({ bytes: 1, domain: 'CameraRollDomain' });
    meter.hear({ phase: 'receiving', bytes: 2 }, 2);
    expect(meter.progress).toEqual({ bytes: 2 });
  });

  test('does not divide by nothing', () => {
    const meter = new JobProgressMeter('sending');
    meter.hear({ phase: 'sending', bytes: 5, fraction: 0 }, 1_000);
    meter.hear({ phase: 'sending', bytes: 5, fraction: 0.5 }, 9_000);
    expect(meter.progress).toEqual({ bytes: 5, fraction: 0.5, bytesPerSecond: 0 });
    meter.hear({ phase: 'sending', bytes: 1, fraction: 0.6 }, 10_000);
    expect(meter.progress.bytesPerSecond).toBe(0);
  });
});
