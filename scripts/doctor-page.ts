import { CHECKS, type CheckCode, FINDINGS, type FindingText, type Platform } from '@rootcellar/operations';

export const DOCTOR_PAGE = 'docs/guide/no-iphone-found.md';

const INTRODUCTION = `# No iPhone is found, or it does not work

Run \`rootcellar doctor\`. It looks at everything between your computer and the iPhone, one thing after the other, and says what
stands in the way and the one thing that helps. Mend the first problem it names, then run it again: what comes after a problem
cannot be looked at. Below is everything it can say.

If it does not help, \`rootcellar doctor --record FILE\` writes down what the iPhone says, without names, numbers and contents.
Please read that file before you give it to anybody.

This page is made from the texts in the code: \`npm run docs\`.
`;

const TITLES: Readonly<Record<CheckCode, string>> = {
  'usb-service': 'The service that finds iPhones',
  'usb-service-answers': 'Its answer',
  'device-attached': 'The cable',
  'lockdown-reachable': 'The iPhone answers',
  trusted: 'Trust',
  session: 'The secure connection',
  services: 'What a backup needs',
  unlocked: 'The lock',
  'data-folder': 'The folder of Rootcellar',
  'free-space': 'Free space',
  secrets: 'Keys of vaults',
  vaults: 'Places of vaults',
};

const PLATFORMS: Readonly<Record<Platform, string>> = { linux: 'Linux', macos: 'Mac', windows: 'Windows' };

/** What the doctor can find, in the order in which it looks. */
export function renderFindings(): string {
  const findings = Object.values<FindingText>(FINDINGS);
  const sections = CHECKS.map((code) => {
    const problems = findings.filter(({ check, state }) => check === code && state !== 'ok');
    return [`## ${TITLES[code]}\n`, ...problems.map(renderFinding)].join('\n');
  });
  return [INTRODUCTION, ...sections].join('\n');
}

function renderFinding({ sentence, help }: FindingText): string {
  const said = `**${sentence.replace(/\{\w+\}/g, '…')}**`;
  if (help === undefined) return `${said}\n`;
  if (typeof help === 'string') return `${said} ${help.replaceAll('{udid}', 'UDID')}\n`;
  const lines = Object.entries(PLATFORMS).map(
    ([platform, name]) => `- ${name}: ${help[platform as Platform]}`,
  );
  return [said, '', ...lines, ''].join('\n');
}
