import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** The key that the authorization server's guards read too, so that a route opened for one is open for both. */
export const PUBLIC_ROUTE = 'gatehouse:public';

/** Opens a route to everybody. Every route without it is closed. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC_ROUTE, true);
