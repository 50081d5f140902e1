/** The running stack, as the flows see it. */
import { OAuthFlow, readStack } from '@gatehouse/test-kit';

export const stack = readStack();
export const [invoices, expenses] = stack.resources;
/** anna may do everything; ben may read invoices, read and submit expenses. */
export const [anna, ben] = stack.accounts;
export const house = new OAuthFlow(stack.issuer);
