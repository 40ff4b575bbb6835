import { describe, expect, it } from 'vitest';
import { appOfDomain, appsOfDomains, domainParts } from './domain.ts';

describe('domainParts', () => {
  it.each([
    ['HomeDomain', 'HomeDomain', undefined],
    ['AppDomain-com.example.app', 'AppDomain', 'com.example.app'],
    ['AppDomainGroup-group.com.example', 'AppDomainGroup', 'group.com.example'],
    ['AppDomainPlugin-com.example.app.widget', 'AppDomainPlugin', 'com.example.app.widget'],
    [
      'SysSharedContainerDomain-systemgroup.com.apple.x',
      'SysSharedContainerDomain',
      'systemgroup.com.apple.x',
    ],
    ['Future-Domain', 'Future-Domain', undefined],
  ])('takes %s apart', (domain, area, owner) => {
    expect(domainParts(domain)).toEqual({ area, owner });
  });
});

describe('appOfDomain', () => {
  const apps = appsOfDomains([
    'HomeDomain',
    'AppDomain-net.whatsapp.WhatsApp',
    'AppDomain-com.example',
    'AppDomain-com.example.app',
    'AppDomainPlugin-com.example.app.widget',
  ]);

  it.each([
    ['AppDomain-com.example.app', 'com.example.app'],
    ['AppDomain-com.unknown', 'com.unknown'],
    ['AppDomainPlugin-com.example.app.widget', 'com.example.app'],
    ['AppDomainPlugin-com.example.widget', 'com.example'],
    ['AppDomainPlugin-com.exampleother.widget', undefined],
    ['AppDomainGroup-group.net.whatsapp.WhatsApp.shared', 'net.whatsapp.WhatsApp'],
    ['AppDomainGroup-group.net.whatsapp.family', undefined],
    ['AppDomainGroup-group.com.apple.notes', 'com.apple.mobilenotes'],
    ['HomeDomain', undefined],
    ['SysContainerDomain-com.example.app', undefined],
  ])('gives %s to %s', (domain, app) => {
    expect(appOfDomain(domain, apps)).toBe(app);
  });
});
