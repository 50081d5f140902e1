export { StoppedClock } from './stopped-clock.js';
