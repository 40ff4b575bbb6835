import { Button } from '@mantine/core';
import type { BackupSummary, Device, PlanLine } from '@rootcellar/api';
import { lookOf } from '../../drawing/device-look.ts';
import { Icon, type IconName } from '../../drawing/icon.tsx';
import { Phone } from '../../drawing/phone.tsx';
import { Seal } from '../../drawing/seal.tsx';
import { useNow } from '../../hub/use-now.ts';
import { useLanguage } from '../../words/language.tsx';
import { planSentence } from '../../words/told-plan.ts';
import type { RestorePlan } from './restore-wizard.tsx';

type Rule = RestorePlan['restore']['rules'][number];

const LOOK: Readonly<Record<Rule['effect'], readonly [IconName, 'danger-c' | 'wait-c' | 'two', string]>> = {
  blocks: ['stop', 'danger-c', 'danger'],
  warns: ['alert', 'wait-c', 'wait'],
  informs: ['info', 'two', ''],
};

/** 2. The plan: what stands in the way, what comes back, what stays behind. */
export function PlanStep({
  device,
  plan,
  backup,
  onBack,
  onNext,
}: {
  readonly device: Device;
  readonly plan: RestorePlan;
  readonly backup: BackupSummary;
  readonly onBack: () => void;
  readonly onNext: () => void;
}) {
  const { words } = useLanguage();
  const { restore } = plan;
  const blocking = restore.rules.filter(({ effect }) => effect === 'blocks').length;
  return (
    <>
      <FromTo device={device} plan={plan} backup={backup} />
      <section className="card in" aria-labelledby="checks-title">
        <div className="card-head">
          <h2 className="h3" id="checks-title">
            {words.restore.before}
          </h2>
          <span className="two">{blocking === 0 ? words.restore.allFine : words.restore.left(blocking)}</span>
        </div>
        <ul className="checks">
          {restore.rules.map((rule) => (
            <RuleLine key={rule.code} rule={rule} />
          ))}
          {restore.rules.length === 0 && (
            <li>
              <Icon name="check" tone="safe-c" />
              <span>{words.restore.allFine}</span>
            </li>
          )}
        </ul>
      </section>
      <section className="card split moves">
        <Moves
          title={words.restore.comesBack}
          icon="check"
          items={restore.comesBack}
          more={restore.apps.length > 0 ? words.restore.apps(restore.apps.length) : undefined}
        />
        <Moves
          title={words.restore.staysBehind}
          icon="x"
          items={restore.staysBehind}
          more={restore.staysBehind.length === 0 ? words.restore.nothingStays : undefined}
        />
      </section>
      <div className="foot">
        <Button onClick={onBack}>{words.shell.back}</Button>
        <p className="cap two grow">{restore.allowed ? '' : words.restore.blocked}</p>
        <Button variant="filled" disabled={!restore.allowed} onClick={onNext}>
          {words.shell.continue}
        </Button>
      </div>
    </>
  );
}

function FromTo({
  device,
  plan,
  backup,
}: {
  readonly device: Device;
  readonly plan: RestorePlan;
  readonly backup: BackupSummary;
}) {
  const { words, format } = useLanguage();
  const now = useNow();
  const { restore } = plan;
  return (
    <section className="card in from-to">
      <div className="row">
        <Seal state={backup.verified ? 'proved' : 'stored'} />
        <div>
          <p className="cap two">{words.restore.from}</p>
          <p>
            <b>
              {backup.deviceName}, {backup.takenAt ? format.moment(backup.takenAt, now) : '–'}
            </b>
          </p>
          <p className="cap two">
            {words.restore.summary(format.count(restore.backup.files), format.bytes(restore.backup.bytes))}
          </p>
        </div>
      </div>
      <Icon name="arrow" />
      <div className="row">
        <Phone look={lookOf(device.productType, device.color, device.udid)} width={3.2} />
        <div>
          <p className="cap two">{words.restore.to}</p>
          <p>
            <b>{device.name}</b>
          </p>
          <p className="cap two">
            {device.modelName}, iOS {device.productVersion}
          </p>
        </div>
      </div>
    </section>
  );
}

function RuleLine({ rule }: { readonly rule: Rule }) {
  const { words, language } = useLanguage();
  const [icon, tone, tag] = LOOK[rule.effect];
  return (
    <li>
      <Icon name={icon} tone={tone} />
      <span>{planSentence(language, rule)}</span>
      <span className={`tag ${tag}`}>{words.restore.effects[rule.effect]}</span>
    </li>
  );
}

function Moves({
  title,
  icon,
  items,
  more,
}: {
  readonly title: string;
  readonly icon: IconName;
  readonly items: readonly PlanLine[];
  readonly more: string | undefined;
}) {
  const { language } = useLanguage();
  return (
    <div className="in">
      <h2 className="h3 row">
        <Icon name={icon} /> {title}
      </h2>
      <ul>
        {items.map((item) => (
          <li key={item.code}>
            <Icon name={icon} small />
            <span>{planSentence(language, item)}</span>
          </li>
        ))}
        {more && (
          <li>
            <Icon name="app" small />
            <span>{more}</span>
          </li>
        )}
      </ul>
    </div>
  );
}
