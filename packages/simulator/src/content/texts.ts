import type { Random } from '@rootcellar/core';

const SENTENCES = [
  'Are you coming on Saturday?',
  'The train was late again 🙄',
  'Happy birthday! 🎂',
  'Look what I found in the cellar',
  'Grüße aus Tromsø, es ist −12 °C',
  '写真ありがとう！',
  'I will call you back in ten minutes.',
  'Can you bring the blue folder?',
  'Perfect. See you there.',
  'Did you make a backup?',
  'We are on the ferry now, it is windy',
  'On se retrouve devant la gare ?',
  'The cat is on the roof. Again.',
  'Hast du den Schlüssel?',
  'I made too much soup, come over',
  '😂😂😂',
  'ok',
  'שבת שלום',
];

const BEGINNINGS = ['By the way,', 'Tell me,', 'I think', 'Tomorrow', 'After school', 'If it stops raining,'];
const MIDDLES = [
  'we could bake bread',
  'the bikes need air',
  'grandma comes at four',
  'I pick up the parcel',
];
const ENDINGS = [
  'and then go for a walk.',
  '– is that fine with you?',
  'as always 🙂',
  'before it gets dark.',
];

/** Something people write to each other. */
export function inventSentence(random: Random): string {
  if (random.below(3) === 0) return random.pick(SENTENCES);
  return `${random.pick(BEGINNINGS)} ${random.pick(MIDDLES)} ${random.pick(ENDINGS)}`;
}

const TITLES = [
  'Shopping',
  'Wi-Fi at the cabin',
  'Ideas ✨',
  'Rezept Zwetschgenknödel',
  'Packing list',
  'Garden',
];
const LINES = [
  'milk',
  'bread',
  '3 onions',
  'Ask Hana, she knows.',
  'A cellar for photos, with shelves.',
  '500 g Kartoffeln, 150 g Mehl, 1 Ei',
  'rain jacket',
  'plant the beans in May',
];

/** A note: its title, then lines. */
export function inventNote(random: Random, number: number): readonly string[] {
  const title = TITLES[number] ?? `${random.pick(TITLES)} ${number}`;
  return [title, ...Array.from({ length: 1 + random.below(12) }, () => random.pick(LINES))];
}
