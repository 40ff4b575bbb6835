import { describe, expect, it } from 'vitest';
import { FAULTS } from './fault-registry.ts';
import { readFault, readFaultText } from './read-fault.ts';

describe('a fault as people write it', () => {
  it('has its defaults where nothing is said', () => {
    const { fault, times, seed, parameters } = readFaultText('no-room');
    expect({ name: fault.name, times, seed, parameters }).toEqual({
      name: 'no-room',
      times: 1,
      seed: undefined,
      parameters: { neededBytes: 11_000_000_000_000 },
    });
  });

  it('takes numbers, choices, a seed and how often', () => {
    const text = 'error-code:code=205,text=3,at=end,seed=a b,times=0';
    expect(readFaultText(text)).toMatchObject({
      times: 0,
      seed: 'a b',
      parameters: { code: 205, text: 3, at: 'end' },
    });
  });

  it.each([
    ['boredom', 'simulator.fault-unknown'],
    ['', 'simulator.fault-unknown'],
    ['constructor', 'simulator.fault-unknown'],
    ['stall:', 'simulator.fault-parameter-invalid'],
    ['stall:bytes', 'simulator.fault-parameter-invalid'],
    ['stall:=5', 'simulator.fault-parameter-invalid'],
    ['stall:bytes=', 'simulator.fault-parameter-invalid'],
    ['stall:bytes=many', 'simulator.fault-parameter-invalid'],
    ['stall:bytes=1.5', 'simulator.fault-parameter-invalid'],
    ['stall:bytes=-1', 'simulator.fault-parameter-invalid'],
    ['stall:bytes=1e30', 'simulator.fault-parameter-invalid'],
    ['stall:bites=1', 'simulator.fault-parameter-invalid'],
    ['stall:times=-1', 'simulator.fault-parameter-invalid'],
    ['error-code:at=never', 'simulator.fault-parameter-invalid'],
    ['hostile-names:kind=constructor', 'simulator.fault-parameter-invalid'],
  ])('is refused as %j', (text, code) => {
    expect(() => readFaultText(text)).toThrow(expect.objectContaining({ code }));
  });

  it.each([{ bytes: null }, { bytes: {} }, { bytes: [5] }, { bytes: true }])(
    'is refused with %j',
    (given) => {
      expect(() => readFault('stall', given)).toThrow(
        expect.objectContaining({ code: 'simulator.fault-parameter-invalid' }),
      );
    },
  );
});

describe('the registry', () => {
  it('has a sentence, a source and a good default for everything', () => {
    for (const fault of FAULTS) {
      expect(fault.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(fault.description).toMatch(/^.{20,}\.$/);
      expect(fault.source).toMatch(/^(observed, section|ours: )/);
      expect(() => readFaultText(fault.name)).not.toThrow();
      expect(() => readFault(fault.name, readFault(fault.name, {}).parameters)).not.toThrow();
      for (const parameter of Object.values(fault.parameters)) expect(parameter.description).not.toBe('');
    }
  });

  it('has each name once', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  });
});
