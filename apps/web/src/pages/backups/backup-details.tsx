import { Button, UnstyledButton } from '@mantine/core';
import { api } from '@rootcellar/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../../drawing/icon.tsx';
import { call } from '../../hub/call.ts';
import { useNow } from '../../hub/use-now.ts';
import { Fact, Facts } from '../../parts/facts.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { protectionOf } from '../../parts/protection.ts';
import { verdictOf } from '../../parts/verdict-tag.tsx';
import { goTo, linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { SendEverythingAgain } from './damaged-backup.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { type OneBackup, useTaken } from './one-backup.ts';
import { SaveAll } from './save-all.tsx';
import { VerifyDialog } from './verify-dialog.tsx';

/** As restic itself shows ids. */
const RESTIC_ID_CHARACTERS = 8;

/** One backup: what is known of it, and what can be done. Escape closes it. */
export function BackupDetails({ device, backup }: OneBackup) {
  const { words, format } = useLanguage();
  const taken = useTaken(backup);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus({ preventScroll: true }), []);
  const close = () => goTo(linkToDevice(device.udid, 'backups'));
  return (
    <aside
      className="drawer"
      aria-label={words.backups.details(taken)}
      onKeyDown={({ key }) => key === 'Escape' && close()}
    >
      <div className="drawer-in">
        <div className="row start">
          <div className="grow">
            <h2 tabIndex={-1} ref={title}>
              {taken}
            </h2>
            <p className="two">{backup.productVersion ? `iOS ${backup.productVersion}` : ''}</p>
          </div>
          <UnstyledButton className="icon-button" aria-label={words.shell.close} onClick={close}>
            <Icon name="x" />
          </UnstyledButton>
        </div>
        <VerdictNote device={device} backup={backup} />
        <Facts>
          <Fact name={words.backups.size}>{format.bytes(backup.sizeBytes)}</Fact>
          <Fact name={words.backups.newInIt}>
            {backup.addedBytes === null ? words.backups.unknown : format.bytes(backup.addedBytes)}
          </Fact>
          <Fact name={words.backups.encrypted}>{words.kept.locks[protectionOf(backup)]}</Fact>
          <Fact name={words.backups.model}>{backup.deviceName}</Fact>
          {backup.recordID && (
            <Fact name={words.backups.inRestic}>
              <code>{backup.recordID.slice(0, RESTIC_ID_CHARACTERS)}</code>
            </Fact>
          )}
          <Fact name={words.backups.keptUntil}>
            {backup.archived ? words.backups.keptForGood : words.backups.keptByRules}
          </Fact>
        </Facts>
        <DetailActions device={device} backup={backup} taken={taken} onDeleted={close} />
      </div>
    </aside>
  );
}

function VerdictNote({ device, backup }: OneBackup) {
  const { words, format } = useLanguage();
  const now = useNow();
  const verdict = verdictOf(backup);
  const tone = {
    whole: 'safe',
    'whole-but-old': 'safe',
    incomplete: 'wait',
    damaged: 'danger',
    'cannot-tell': '',
    unchecked: '',
  }[verdict];
  const icon = ({ safe: 'check', wait: 'alert', danger: 'stop' } as const)[tone] ?? 'info';
  return (
    <div className={`note ${tone}`}>
      <Icon name={icon} />
      <div>
        <p>
          <strong>{words.device.verdicts[verdict]}.</strong> {words.backups.verdictText[verdict]}
        </p>
        {verdict === 'damaged' && (
          <div className="actions">
            <SendEverythingAgain device={device} />
          </div>
        )}
        {backup.verified && backup.verifiedAt && (
          <p className="cap two">{words.backups.provedAt(format.moment(backup.verifiedAt, now))}</p>
        )}
      </div>
    </div>
  );
}

function DetailActions({
  device,
  backup,
  taken,
  onDeleted,
}: OneBackup & {
  readonly taken: string;
  readonly onDeleted: () => void;
}) {
  const { words } = useLanguage();
  const client = useQueryClient();
  const [asked, setAsked] = useState<'verify' | 'delete'>();
  const isWhole = backup.kind !== 'unfinished';
  const archive = useMutation({
    mutationFn: () =>
      call(api.backups.archiveBackup, { params: { id: backup.id }, body: { archived: !backup.archived } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['backups', device.udid] }),
  });
  return (
    <div className="stack near">
      {isWhole && (
        <>
          {verdictOf(backup) !== 'incomplete' && (
            <LinkButton
              {...(verdictOf(backup) !== 'damaged' && { variant: 'filled' })}
              to={linkToDevice(device.udid, 'restore', { backup: backup.id })}
            >
              {words.backups.restore}
            </LinkButton>
          )}
          <LinkButton to={linkToDevice(device.udid, 'browse', { backup: backup.id })}>
            {words.backups.browse}
          </LinkButton>
          <div className="halves">
            <Button
              leftSection={<Icon name="pin" small />}
              loading={archive.isPending}
              onClick={() => archive.mutate()}
            >
              {backup.archived ? words.backups.unarchive : words.backups.archive}
            </Button>
            <Button onClick={() => setAsked('verify')}>
              {backup.verifiedAt ? words.backups.verifyAgain : words.backups.verify}
            </Button>
          </div>
          <SaveAll device={device} backup={backup} />
        </>
      )}
      <FailureNote error={archive.error} />
      <Button variant="subtle" className="danger-text" onClick={() => setAsked('delete')}>
        {words.backups.delete}
      </Button>
      <VerifyDialog
        device={device}
        backup={backup}
        isOpen={asked === 'verify'}
        onClose={() => setAsked(undefined)}
      />
      <DeleteDialog
        backup={backup}
        taken={taken}
        isOpen={asked === 'delete'}
        onClose={() => setAsked(undefined)}
        onDeleted={onDeleted}
      />
    </div>
  );
}
