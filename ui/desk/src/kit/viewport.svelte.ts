// The two widths at which the desk changes shape.
import { MediaQuery } from 'svelte/reactivity';

const narrow = new MediaQuery('(max-width: 759px)');
const medium = new MediaQuery('(max-width: 1179px)');
/** One column with a bottom bar. */
export const isPhone = (): boolean => narrow.current;
/** The context becomes a drawer. */
export const isDrawer = (): boolean => medium.current;
