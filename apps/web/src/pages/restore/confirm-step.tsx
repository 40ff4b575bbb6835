import { Button, TextInput } from '@mantine/core';
import { api, type Device } from '@rootcellar/api';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../hub/call.ts';
import { useNow } from '../../hub/use-now.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Note } from '../../parts/note.tsx';
import { useLanguage } from '../../words/language.tsx';
import type { Chosen, RestorePlan } from './restore-wizard.tsx';

/** 4. The last question, by the name of the phone. Exactly the plan that was shown is carried out. */
export function ConfirmStep({
  device,
  plan,
  chosen,
  onBack,
  onAgain,
}: {
  readonly device: Device;
  readonly plan: RestorePlan;
  readonly chosen: Chosen;
  readonly onBack: () => void;
  /** The plan is too old, or used. */
  readonly onAgain: () => void;
}) {
  const { words, format } = useLanguage();
  const now = useNow(5000);
  const [typed, setTyped] = useState('');
  const isExpired = Date.parse(plan.expiresAt) < now.getTime();
  const isSame = sameName(typed, device.name);
  const restore = useMutation({
    mutationFn: () =>
      call(api.devices.restoreDevice, {
        params: { udid: device.udid },
        body: { plan: plan.id, ...(chosen.password !== undefined && { password: chosen.password }) },
      }),
  });
  const taken = chosen.backup.takenAt ? format.moment(chosen.backup.takenAt, now) : chosen.backup.id;
  if (isExpired) {
    return (
      <Note tone="wait" action={<Button onClick={onAgain}>{words.restore.newPlan}</Button>}>
        {words.restore.expired}
      </Note>
    );
  }
  return (
    <form
      className="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        if (isSame) restore.mutate();
      }}
    >
      <section className="card in stack">
        <h2>{words.restore.confirmTitle(device.name)}</h2>
        <p className="two">{words.restore.confirmText(taken)}</p>
        <TextInput
          className="narrow-field"
          label={words.restore.typeName(device.name)}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <FailureNote error={restore.error} />
        {restore.error && (
          <div className="actions">
            <Button onClick={onAgain}>{words.restore.newPlan}</Button>
          </div>
        )}
      </section>
      <div className="foot">
        <Button onClick={onBack}>{words.shell.back}</Button>
        <p className="cap two grow">{isSame ? '' : words.restore.mismatch}</p>
        <Button type="submit" variant="danger" disabled={!isSame} loading={restore.isPending}>
          {words.restore.restore}
        </Button>
      </div>
    </form>
  );
}

/** Phones write ’ where keyboards have '; nobody should fail on that. */
export function sameName(typed: string, name: string): boolean {
  const plain = (text: string) =>
    text
      .normalize('NFKC')
      .replace(/[\u2018\u2019\u02bc]/g, "'")
      .replace(/\s+/g, ' ')
      .trim()
      .toLowerCase();
  return plain(typed) === plain(name) && plain(name) !== '';
}
