import { UnstyledButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { PAD_KEYS, PasscodeDots } from '../drawing/phone.tsx';
import { useLanguage } from '../words/language.tsx';
import { PhoneRefusal, type PhoneState } from './phone-control.ts';
import { useAct } from './use-act.ts';

const DIGITS = 6;

/** The pad that asks for the passcode. Tapped, or typed on the keyboard once it has the focus. */
export function PasscodeScreen({
  phone,
  reason,
}: {
  readonly phone: PhoneState;
  readonly reason: 'backup' | 'backup-password' | 'trust';
}) {
  const { words } = useLanguage();
  const act = useAct(phone);
  const [typed, setTyped] = useState('');
  const wasWrong = act.error instanceof PhoneRefusal && act.error.code === 'wrong-passcode';
  const { mutate } = act;
  useEffect(() => {
    if (typed.length < DIGITS) return;
    mutate({ action: 'passcode', body: { code: typed } });
    setTyped('');
  }, [typed, mutate]);
  const add = (digit: string) => setTyped((before) => (before.length < DIGITS ? before + digit : before));
  const onKeyDown = ({ key }: React.KeyboardEvent) => {
    if (/^\d$/.test(key)) add(key);
    if (key === 'Backspace') setTyped((before) => before.slice(0, -1));
  };
  const why = {
    backup: words.simulator.backUpTo,
    trust: words.simulator.toTrust,
    'backup-password': words.simulator.toChange,
  }[reason];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: digits of the keyboard are only another way to press its buttons
    <div className="pad-screen" onKeyDown={onKeyDown}>
      <p className="pad-title">{words.job.passcode.screenTitle}</p>
      <p className="pad-text" role="status">
        {wasWrong ? words.simulator.wrong : why}
      </p>
      <PasscodeDots typed={typed.length} />
      <p className="hidden" aria-live="polite">
        {words.simulator.digits(typed.length)}
      </p>
      <div className="pad">
        {PAD_KEYS.map((key) => (
          <UnstyledButton
            key={key}
            className={key === '0' ? 'pad-key zero' : 'pad-key'}
            onClick={() => add(key)}
          >
            {key}
          </UnstyledButton>
        ))}
      </div>
      <div className="pad-foot">
        <UnstyledButton onClick={() => act.mutate({ action: 'cancel-prompt' })}>
          {words.simulator.cancel}
        </UnstyledButton>
        <UnstyledButton onClick={() => setTyped((before) => before.slice(0, -1))}>
          {words.simulator.deleteDigit}
        </UnstyledButton>
      </div>
    </div>
  );
}
