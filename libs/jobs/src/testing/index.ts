export { type QueueServer, QUEUE_SERVERS } from './queue-servers.js';
