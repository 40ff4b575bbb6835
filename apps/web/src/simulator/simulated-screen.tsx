import { UnstyledButton } from '@mantine/core';
import { lookOf } from '../drawing/device-look.ts';
import { Icon } from '../drawing/icon.tsx';
import { LockScreen, Phone } from '../drawing/phone.tsx';
import { isEnded, useDevice, useJobs } from '../hub/queries.ts';
import { useNow } from '../hub/use-now.ts';
import { useLanguage } from '../words/language.tsx';
import { PasscodeScreen } from './passcode-screen.tsx';
import type { PhoneState } from './phone-control.ts';
import { useAct } from './use-act.ts';

const WIDTH_REM = 12.5;

/** Its screen, as a person sees it who holds it: one of six, to be tapped on. */
export function SimulatedScreen({ phone }: { readonly phone: PhoneState }) {
  const { words } = useLanguage();
  const device = useDevice(phone.udid);
  const look = lookOf(phone.productType, device?.color ?? null, phone.udid);
  const { condition, prompt } = phone;
  const isHello = condition.running && !condition.setUp && prompt === null;
  return (
    <div className="sim-phone">
      <Phone
        look={look}
        label={words.simulator.screen}
        width={WIDTH_REM}
        isTouched
        isDimmed={condition.running && prompt !== null}
        {...(!condition.running ? { screen: 'black' as const } : isHello && { screen: 'hello' as const })}
      >
        <ScreenContent phone={phone} isHello={isHello} />
      </Phone>
    </div>
  );
}

function ScreenContent({ phone, isHello }: { readonly phone: PhoneState; readonly isHello: boolean }) {
  const { words } = useLanguage();
  const act = useAct(phone);
  if (!phone.condition.running) {
    return (
      <p className="restarting" role="status">
        {words.simulator.restarting}
      </p>
    );
  }
  if (phone.prompt?.kind === 'trust') return <TrustAlert phone={phone} />;
  if (phone.prompt?.kind === 'passcode') return <PasscodeScreen phone={phone} reason={phone.prompt.reason} />;
  if (isHello) {
    return (
      <>
        <p className="hi">{words.simulator.hello}</p>
        <p className="hi2" aria-hidden="true">
          Hallo
          <br />
          Bonjour
          <br />
          Merhaba
        </p>
        <UnstyledButton
          className="swipe"
          onClick={() => act.mutate({ action: 'set', body: { setUp: true } })}
        >
          {words.simulator.swipe}
        </UnstyledButton>
      </>
    );
  }
  return <Locked phone={phone} />;
}

function Locked({ phone }: { readonly phone: PhoneState }) {
  const { words, format, language } = useLanguage();
  const now = useNow(10_000);
  const job = useJobs().find((other) => other.udid === phone.udid && !isEnded(other));
  const isMoving = job?.kind === 'backup' || job?.kind === 'restore';
  const day = now.toLocaleDateString(language === 'de' ? 'de-DE' : 'en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  });
  return (
    <>
      <LockScreen day={day} clock={format.clock(now)} />
      {isMoving && (
        <div className="banner tall">
          <span>
            <b>{job.kind === 'backup' ? words.simulator.backingUp : words.simulator.restoring}</b>
            {job.progress.bytes === undefined
              ? words.job.states[job.state]
              : format.bytes(job.progress.bytes)}
          </span>
          <span className="bar2">
            <i style={{ width: `${Math.floor((job.progress.fraction ?? 0) * 100)}%` }} />
          </span>
        </div>
      )}
      {!isMoving && (phone.condition.locked || !phone.condition.plugged) && (
        <div className="banner">
          <Icon name={phone.condition.plugged ? 'lock' : 'cable'} small />
          <span>{phone.condition.plugged ? words.simulator.lockedNow : words.simulator.unplugged}</span>
        </div>
      )}
    </>
  );
}

function TrustAlert({ phone }: { readonly phone: PhoneState }) {
  const { words } = useLanguage();
  const act = useAct(phone);
  return (
    <div className="ios-alert" role="alertdialog" aria-label={words.job.trust.screenTitle}>
      <p className="ios-title">{words.job.trust.screenTitle}</p>
      <p>{words.job.trust.screenText}</p>
      <div>
        <UnstyledButton onClick={() => act.mutate({ action: 'trust' })}>
          {words.job.trust.screenTrust}
        </UnstyledButton>
        <UnstyledButton onClick={() => act.mutate({ action: 'deny' })}>
          {words.job.trust.screenDeny}
        </UnstyledButton>
      </div>
    </div>
  );
}
