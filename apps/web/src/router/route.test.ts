import { expect, test } from 'vitest';
import { linkTo, linkToDevice, placeOf } from './route.ts';

test('a link leads to the place it was made for, whatever the names', () => {
  const link = linkToDevice('00008120-00A', 'browse', { backup: 'a&b=c', part: 'domain:Home/Ünïcode?#' });
  const place = placeOf(link);
  expect(place.path).toEqual(['devices', '00008120-00A', 'browse']);
  expect(place.query.get('backup')).toBe('a&b=c');
  expect(place.query.get('part')).toBe('domain:Home/Ünïcode?#');
  expect(placeOf(linkTo(['a/b', 'c?d'])).path).toEqual(['a/b', 'c?d']);
});

test('any text after the # is a place', () => {
  for (const hash of ['', '#', '#/', '#//', '#/%E0%A4%A', '#/?', '#nonsense?a=b?c']) {
    expect(Array.isArray(placeOf(hash).path)).toBe(true);
  }
});
