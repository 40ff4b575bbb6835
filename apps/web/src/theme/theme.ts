import {
  Button,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  Modal,
  PasswordInput,
} from '@mantine/core';

/*
 * The tokens decide; Mantine follows. Everything here says which token stands for which of Mantine's variables.
 */

const ENAMEL: MantineColorsTuple = [
  '#eaf1f8',
  '#d3e0ee',
  '#a8c3df',
  '#79a4cf',
  '#558ac1',
  '#3b74af',
  '#336aa5',
  '#2a5c93',
  '#214c7c',
  '#183c64',
];

const CONTROL = {
  '--button-height': 'var(--rc-control)',
  '--button-padding-x': '0.95rem',
  '--button-fz': 'var(--rc-size-body)',
  '--button-radius': 'var(--rc-radius-m)',
};

const BUTTON_LOOKS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  filled: look('var(--rc-touch)', 'var(--rc-touch-hover)', 'var(--rc-on-touch)', 'transparent'),
  default: look('var(--rc-raised)', 'var(--rc-raised-hover)', 'var(--rc-text)', 'var(--rc-button-edge)'),
  subtle: look('transparent', 'var(--rc-hover)', 'var(--rc-touch-text)', 'transparent'),
  danger: look('var(--rc-danger-solid)', 'var(--rc-danger-solid)', '#ffffff', 'transparent'),
};

function look(ground: string, hover: string, text: string, edge: string) {
  return {
    '--button-bg': ground,
    '--button-hover': hover,
    '--button-color': text,
    '--button-hover-color': text,
    '--button-bd': `1px solid ${edge}`,
  };
}

export const theme = createTheme({
  fontFamily: 'var(--rc-font)',
  fontFamilyMonospace: 'var(--rc-mono)',
  fontSizes: {
    xs: 'var(--rc-size-caption)',
    sm: 'var(--rc-size-body)',
    md: 'var(--rc-size-body)',
    lg: 'var(--rc-size-lead)',
    xl: 'var(--rc-size-h2)',
  },
  spacing: { xs: 'var(--rc-2)', sm: 'var(--rc-3)', md: 'var(--rc-4)', lg: 'var(--rc-5)', xl: 'var(--rc-6)' },
  radius: {
    sm: 'var(--rc-radius-s)',
    md: 'var(--rc-radius-m)',
    lg: 'var(--rc-radius-l)',
    xl: 'var(--rc-radius-xl)',
  },
  defaultRadius: 'md',
  shadows: { sm: 'var(--rc-shadow-card)', md: 'var(--rc-shadow-raise)', xl: 'var(--rc-shadow-sheet)' },
  primaryColor: 'enamel',
  primaryShade: { light: 7, dark: 5 },
  colors: { enamel: ENAMEL },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  breakpoints: { xs: '30em', sm: '52em', md: '64em', lg: '80em', xl: '100em' },
  components: {
    Button: Button.extend({
      defaultProps: { variant: 'default' },
      vars: (_theme, { variant }) => ({ root: { ...CONTROL, ...BUTTON_LOOKS[variant ?? 'default'] } }),
    }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        overlayProps: { color: 'var(--rc-scrim)', backgroundOpacity: 1 },
        padding: 'lg',
      },
    }),
    PasswordInput: PasswordInput.extend({ defaultProps: { autoComplete: 'off' } }),
  },
});

const VARIABLES = {
  '--mantine-color-body': 'var(--rc-ground)',
  '--mantine-color-text': 'var(--rc-text)',
  '--mantine-color-dimmed': 'var(--rc-text-2)',
  '--mantine-color-default': 'var(--rc-raised)',
  '--mantine-color-default-border': 'var(--rc-edge)',
  '--mantine-color-default-hover': 'var(--rc-hover)',
  '--mantine-color-placeholder': 'var(--rc-text-3)',
  '--mantine-color-error': 'var(--rc-danger-text)',
  '--mantine-color-anchor': 'var(--rc-touch-text)',
  '--mantine-primary-color-filled': 'var(--rc-touch)',
  '--mantine-primary-color-filled-hover': 'var(--rc-touch-hover)',
};

/** The same names in both schemes: the tokens themselves know light from dark. */
export const variables: CSSVariablesResolver = () => ({ variables: {}, light: VARIABLES, dark: VARIABLES });
